/** Which side begins the connection: `caller` calls the other one, `listener` waits to be called. */
export type SrtMode = 'caller' | 'listener';

/** An SRT address, taken apart. */
export interface SrtLocation {
  /** Which side this gateway is. */
  readonly mode: SrtMode;
  /** Name or address, an IPv6 address without brackets; of a listener the address it listens on, `0.0.0.0` for all. */
  readonly host: string;
  /** UDP. */
  readonly port: number;
  /** Encrypts, 10 to 79 characters; `undefined`: not encrypted. A secret. */
  readonly passphrase?: string;
  /** Length of the key in bytes; `undefined`: that of the other side, or 16. */
  readonly keyBytes?: number;
  /** What the other side tells streams apart by; a secret, as it often holds one. */
  readonly streamId?: string;
  /** How long lost packets are waited for, ms; the larger of both sides counts. */
  readonly latencyMs?: number;
}

const PARTS = /^srt:\/\/([^/?#@]*@)?(\[[0-9a-f:.%]+\]|[^:[\]/?#@]*):(\d{1,5})\/?(?:\?([^]*))?$/i;
const FORM = 'use srt://host:port, or srt://:port to wait for a caller';
const MAX_PORT = 65_535;
const PASSPHRASE = { min: 10, max: 79 };
const MAX_STREAM_ID_BYTES = 512;
const MAX_LATENCY_MS = 10_000;
const KEY_BYTES = [16, 24, 32];
/** What the name of the host is where a listener names none. */
const ANY_HOST = '0.0.0.0';
/** Parameters of other programs that change nothing here. */
const IGNORED: ReadonlySet<string> = new Set(['transtype', 'pkt_size', 'payload_size']);
const KNOWN = ['mode', 'passphrase', 'pbkeylen', 'streamid', 'latency'] as const;

type Parameters = ReadonlyMap<string, string>;

/** Takes an SRT address apart; `undefined` where {@link explainSrtUrl} has something to say. */
export function parseSrtLocation(url: string): SrtLocation | undefined {
  return explainSrtUrl(url) === undefined ? locationOf(url) : undefined;
}

/** What is wrong with an SRT address, in words without its secrets; `undefined` where nothing is. */
export function explainSrtUrl(url: string): string | undefined {
  const [, userInfo, host = '', port, query = ''] = PARTS.exec(url) ?? [];
  if (port === undefined) return `an SRT address needs host and port; ${FORM}`;
  if (userInfo !== undefined) return 'SRT has no user name in its address; give the passphrase as ?passphrase=…';
  if (Number(port) < 1 || Number(port) > MAX_PORT) return 'the port is not one from 1 to 65535';
  const parameters = readParameters(query);
  for (const name of parameters.keys()) {
    if (!IGNORED.has(name) && !KNOWN.some((known) => known === name)) {
      // Its name is not repeated: it may be the end of a passphrase.
      return `it has a parameter that SRT does not have here; there are ${KNOWN.join(', ')}, and & within one is written %26`;
    }
  }
  const mode = parameters.get('mode');
  if (mode !== undefined && !['caller', 'listener', 'client', 'server'].includes(mode)) {
    return 'mode is caller or listener';
  }
  if (parameters.has('streamid') && modeOf(host, parameters) === 'listener') {
    return 'a listener has no stream id: whoever calls brings one, and any is taken';
  }
  if (host === '' && modeOf(host, parameters) === 'caller') return `a caller needs a host; ${FORM}`;
  return explainParameters(parameters);
}

/** Whether a URL is of SRT. */
export const isSrtUrl = (url: string): boolean => /^srt:/i.test(url);

/** Whether a URL, which may be masked, is an address of SRT at which this gateway waits to be called. */
export function isSrtListener(url: string): boolean {
  const [, , host = '', port, query = ''] = PARTS.exec(url) ?? [];
  return port !== undefined && modeOf(host, readParameters(query)) === 'listener';
}

/** The address as a name for messages: without its parameters. */
export function srtAddress({ host, port }: Pick<SrtLocation, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What is wrong with a passphrase, without it; `undefined` where nothing is, or there is none. */
export function explainPassphrase(passphrase: string | undefined): string | undefined {
  if (passphrase === undefined) return undefined;
  const { length } = passphrase;
  if (length >= PASSPHRASE.min && length <= PASSPHRASE.max) return undefined;
  return `the passphrase has ${length} characters; SRT takes ${PASSPHRASE.min} to ${PASSPHRASE.max}`;
}

function explainParameters(parameters: Parameters): string | undefined {
  const passphraseProblem = explainPassphrase(parameters.get('passphrase'));
  if (passphraseProblem !== undefined) return passphraseProblem;
  const keyBytes = parameters.get('pbkeylen');
  if (keyBytes !== undefined && !KEY_BYTES.includes(Number(keyBytes))) return 'pbkeylen is 16, 24 or 32';
  if (new TextEncoder().encode(parameters.get('streamid') ?? '').length > MAX_STREAM_ID_BYTES) {
    return `the stream id is longer than ${MAX_STREAM_ID_BYTES} bytes`;
  }
  const latency = parameters.get('latency');
  if (latency !== undefined && !(/^\d+$/.test(latency) && Number(latency) <= MAX_LATENCY_MS)) {
    return `latency is a number of milliseconds up to ${MAX_LATENCY_MS} (FFmpeg and OBS count microseconds: 200000 there is 200 here)`;
  }
  return undefined;
}

function locationOf(url: string): SrtLocation {
  const [, , host = '', port = '', query = ''] = PARTS.exec(url) ?? [];
  const parameters = readParameters(query);
  const passphrase = parameters.get('passphrase');
  const streamId = parameters.get('streamid');
  const keyBytes = parameters.get('pbkeylen');
  const latency = parameters.get('latency');
  return {
    ...{ mode: modeOf(host, parameters), port: Number(port) },
    host: host === '' ? ANY_HOST : host.replace(/^\[|\]$/g, ''),
    ...(passphrase !== undefined && { passphrase }),
    ...(streamId !== undefined && streamId !== '' && { streamId }),
    ...(keyBytes !== undefined && { keyBytes: Number(keyBytes) }),
    ...(latency !== undefined && { latencyMs: Number(latency) }),
  };
}

/** As other programs have it: an address without a host waits. */
function modeOf(host: string, parameters: Parameters): SrtMode {
  const mode = parameters.get('mode');
  if (mode === undefined) return host === '' ? 'listener' : 'caller';
  return mode === 'listener' || mode === 'server' ? 'listener' : 'caller';
}

/** A stream id such as `#!::r=cam,m=request` need not be escaped. */
function readParameters(query: string): Parameters {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [name.toLowerCase(), unescape(value)];
    }),
  );
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
