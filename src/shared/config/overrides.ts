import { DiptychError } from '../domain/errors.js';
import type { SchemaPath } from './json-schema.js';
import type { GatewayConfig } from './schema.js';

/** One value that replaces what the file says. */
export interface Override {
  /** `environment` or `command line`, with the name of the variable or option. */
  readonly source: string;
  /** A number one past the end of a list adds to it. */
  readonly path: SchemaPath;
  /** As it was given; checked together with the rest of the configuration. */
  readonly value: unknown;
}

/** What `diptych run` takes besides the file. */
export interface RunOptions {
  /** `--source`: a URL for each stream to add. */
  readonly sources?: readonly string[];
  /** `--target`: RTMP(S) and SRT URLs for the first stream of the command line. */
  readonly targets?: readonly string[];
  /** `--host`: sets `http.host`. */
  readonly host?: string;
  /** `--port`: sets `http.port`. */
  readonly port?: string;
  /** `--listen-ip`: sets `webrtc.listenIp`. */
  readonly listenIp?: string;
  /** `--state`: sets `state.folder`. */
  readonly state?: string;
  /** `--log`: sets `log.format`. */
  readonly log?: string;
  /** `--token`: sets `access.token`. */
  readonly token?: string;
  /** `--tls-cert`: sets `http.tls.certFile`. */
  readonly tlsCert?: string;
  /** `--tls-key`: sets `http.tls.keyFile`. */
  readonly tlsKey?: string;
}

/** Environment variables and the option each of them sets. */
export const ENVIRONMENT_OPTIONS = {
  DIPTYCH_HOST: ['http', 'host'],
  DIPTYCH_PORT: ['http', 'port'],
  DIPTYCH_LISTEN_IP: ['webrtc', 'listenIp'],
  DIPTYCH_MEDIA_PORT: ['webrtc', 'port'],
  DIPTYCH_ANNOUNCED_ADDRESS: ['webrtc', 'announcedAddress'],
  DIPTYCH_STATE_FOLDER: ['state', 'folder'],
  DIPTYCH_LOG_LEVEL: ['log', 'level'],
  DIPTYCH_LOG_FORMAT: ['log', 'format'],
  DIPTYCH_TOKEN: ['access', 'token'],
  DIPTYCH_TOKEN_FILE: ['access', 'tokenFile'],
  DIPTYCH_TLS_CERT: ['http', 'tls', 'certFile'],
  DIPTYCH_TLS_KEY: ['http', 'tls', 'keyFile'],
} as const satisfies Record<string, readonly string[]>;

/** Set environment variables as overrides; empty ones count as not set. */
export function environmentOverrides(environment: Readonly<Record<string, string | undefined>>): Override[] {
  return Object.entries(ENVIRONMENT_OPTIONS).flatMap(([name, path]) => {
    const text = environment[name];
    return text ? [{ source: `environment variable ${name}`, path, value: numberWhere(path, text) }] : [];
  });
}

/**
 * Command line options as overrides. Each source is a stream of its own after those of the file:
 * the first is `main`, the next `main-2`, …. Targets are added to the first of these, or
 * without a source to the one stream of the file.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` when it is not clear which stream a target is for.
 */
export function commandLineOverrides(
  { sources = [], targets = [], host, port, listenIp, state, log, token, tlsCert, tlsKey }: RunOptions,
  streams: GatewayConfig['streams'] = [],
): Override[] {
  const overrides: Override[] = [];
  const add = (option: string, path: SchemaPath, value: unknown): void => {
    overrides.push({ source: `command line (--${option})`, path, value });
  };
  if (host !== undefined) add('host', ['http', 'host'], host);
  if (port !== undefined) add('port', ['http', 'port'], numberWhere(['http', 'port'], port));
  if (listenIp !== undefined) add('listen-ip', ['webrtc', 'listenIp'], listenIp);
  if (log !== undefined) add('log', ['log', 'format'], log);
  if (token !== undefined) add('token', ['access', 'token'], token);
  if (tlsCert !== undefined) add('tls-cert', ['http', 'tls', 'certFile'], tlsCert);
  if (tlsKey !== undefined) add('tls-key', ['http', 'tls', 'keyFile'], tlsKey);
  if (state !== undefined) add('state', ['state', 'folder'], state);
  sources.forEach((url, index) => {
    const place = streams.length + index;
    add('source', ['streams', place], { id: place === 0 ? 'main' : `main-${place + 1}`, source: { url } });
  });
  if (targets.length > 0 && sources.length === 0 && streams.length !== 1) {
    const found = streams.length === 0 ? 'no stream' : `${streams.length} streams`;
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `--target: expected one stream to publish, found ${found}; add --source, or write the target into the config file`,
    );
  }
  const place = sources.length > 0 ? streams.length : 0;
  const first = streams[place]?.targets.length ?? 0;
  targets.forEach((url, index) => add('target', ['streams', place, 'targets', first + index], { url }));
  return overrides;
}

/** The value with the overrides in it, and where each replaced part came from (last one first). */
export function applyOverrides(
  value: unknown,
  overrides: readonly Override[],
): { readonly value: unknown; readonly origins: readonly Override[] } {
  const applied = overrides.reduce((current, { path, value: wanted }) => setAt(current, path, wanted), value);
  return { value: applied, origins: [...overrides].reverse() };
}

function setAt(container: unknown, [step, ...rest]: SchemaPath, value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(container) ? [...(container as unknown[])] : [];
    list[step] = setAt(list[step], rest, value);
    return list;
  }
  const block = typeof container === 'object' && container !== null && !Array.isArray(container) ? container : {};
  const key = String(step);
  return { ...block, [key]: setAt((block as Record<string, unknown>)[key], rest, value) };
}

/** Ports are numbers everywhere but in an environment variable or an argument. */
function numberWhere(path: SchemaPath, text: string): unknown {
  return path.at(-1) === 'port' && /^\d+$/.test(text) ? Number(text) : text;
}
