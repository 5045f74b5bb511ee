import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { maskUrl } from '../../shared/config/mask-url.js';
import type { TargetConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { parseRtmpLocation, type RtmpLocation } from '../../shared/rtmp/location.js';
import { isSrtUrl, parseSrtLocation, srtAddress, type SrtLocation } from '../../shared/srt/location.js';
import { messageOf, type Finding } from './finding.js';

/** Of each step, ms. */
const LIMIT_MS = 5_000;
/** An SRT call is repeated as often, evenly over the limit: its packets may be lost. */
const SRT_CALLS = 4;

/** RTMP's first words: the version, and 1536 bytes that are sent back (Adobe's specification, 5.2). */
const RTMP_VERSION = 3;
const RTMP_HELLO_BYTES = 1536;

/** Whether what a target names answers there. Nothing is published, so the stream key is not tried. @param area - of the finding */
export async function examineTarget(area: string, target: TargetConfig): Promise<Finding> {
  const name = maskUrl(target.url);
  try {
    if (isSrtUrl(target.url)) {
      const location = parseSrtLocation(target.url);
      if (location === undefined) throw new DiptychError('DIPTYCH_E_CONFIG', `${name} is no SRT address`);
      if (location.mode === 'listener') return await examineSrtPort(area, location);
      await callSrt(location);
      return { area, verdict: 'good', text: `${name}: an SRT receiver answers` };
    }
    const { url, key } = target;
    await greetRtmp(parseRtmpLocation({ url, ...(key !== undefined && { key }) }));
    return {
      area,
      verdict: 'good',
      text: `${name}: an RTMP server answers; its stream key is tried when it is published to`,
    };
  } catch (error) {
    const text = error instanceof DiptychError ? messageOf(error) : `${name}: ${reasonOf(error)}`;
    return {
      area,
      verdict: 'broken',
      text,
      advice: 'check host, port and firewall; the stream tries it again and again',
    };
  }
}

async function greetRtmp(location: RtmpLocation): Promise<void> {
  const { scheme, host, port } = location;
  const socket: Socket =
    scheme === 'rtmps'
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp({ host, port });
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    await once(socket, scheme === 'rtmps' ? 'secureConnect' : 'connect', { signal });
    socket.write(Buffer.concat([Buffer.from([RTMP_VERSION]), Buffer.alloc(RTMP_HELLO_BYTES)]));
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    if (answer[0] !== RTMP_VERSION) throw new Error('something answers that is no RTMP server');
  } finally {
    socket.destroy();
  }
}

/** The first packet of an SRT call (draft-sharabayko-srt, 4.3): a caller that asks who is there. */
function inductionRequest(): Buffer {
  const packet = Buffer.alloc(64);
  packet.writeUInt32BE(0x8000_0000, 0); // a control packet: a handshake
  packet.writeUInt32BE(4, 16); // version of the handshake
  packet.writeUInt16BE(2, 22); // extension field of a first call
  packet.writeUInt32BE(1500, 28); // largest packet
  packet.writeUInt32BE(8192, 32); // packets in flight
  packet.writeUInt32BE(1, 36); // induction
  packet.writeUInt32BE(1, 40); // number of our socket
  return packet;
}

async function callSrt({ host, port }: SrtLocation): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const call = (): void => socket.send(inductionRequest(), port, host);
  const timer = setInterval(call, LIMIT_MS / SRT_CALLS);
  try {
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(LIMIT_MS) });
    call();
    await answered;
  } finally {
    clearInterval(timer);
    socket.close();
  }
}

/** Whether a port is free on which the gateway waits to be called. */
async function examineSrtPort(area: string, location: SrtLocation): Promise<Finding> {
  const socket = createSocket(location.host.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind(location.port, location.host);
    await once(socket, 'listening');
    return {
      area,
      verdict: 'good',
      text: `srt://${srtAddress(location)}: free; receivers call it while the stream runs`,
    };
  } finally {
    socket.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host could not be looked up; check the DNS of this machine',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  EADDRINUSE: 'another program has the port; a stream that runs has it too',
  ECONNRESET: 'the connection was closed at once',
  EPROTO: 'it speaks no TLS; use rtmp://',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${LIMIT_MS / 1000} s`;
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code.startsWith('ERR_SSL') ? 'it speaks no TLS; use rtmp://' : error.message);
}
