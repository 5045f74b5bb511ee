import type { AttemptEnd } from './target.js';
import type { ProbeResult } from './rtmp/connect-probe.adapter.js';
import type { RtmpLocation } from '../../../shared/rtmp/location.js';

type Refusal = Exclude<ProbeResult, { outcome: 'redirected' }>;
type Broken = Exclude<AttemptEnd, { end: 'stopped' }>;

/** Reasons of Node's for which the name of the server is to blame. */
const NAME_NOT_FOUND = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);

/** Why a connection ended over which media had flowed, and what happens now. */
export function explainBroken(end: Broken, timeoutS: number): string {
  return end.end === 'silent'
    ? `the server took nothing for ${timeoutS} s; it is connected anew. Where that comes again, the upload is too slow for output.bitrateKbps`
    : 'the server or the network ended the connection; it is connected anew';
}

/**
 * Why a server did not take the stream, and what to do.
 *
 * @param probe - what it said to a connection of our own
 * @param said - what GStreamer said of the attempt to publish
 */
export function explainRefusal(probe: Refusal, location: RtmpLocation, said: string): string {
  switch (probe.outcome) {
    case 'accepted':
      return explainPublish(said);
    case 'rejected':
      return explainRejection(probe, location);
    case 'failed':
      return explainConnection(probe, location);
  }
}

/** The application was accepted, so the stream key was not. */
function explainPublish(said: string): string {
  if (/already exists|BadName/i.test(said)) {
    return 'somebody publishes with this stream key already, or the server has not noticed the end of the last connection; it is tried again. Where that goes on, use another key';
  }
  if (/denied|Denied/.test(said)) return 'the server refuses the stream key; copy it from the platform again';
  return 'the server accepts the connection and ends it before the stream begins; check the stream key, and whether the broadcast is open on the platform';
}

function explainRejection(
  { code, description }: Extract<Refusal, { outcome: 'rejected' }>,
  { application }: RtmpLocation,
): string {
  const words = `${code} ${description}`;
  if (/authmod|auth|password/i.test(words)) {
    return 'the server asks for a user and a password, or refuses those it was given; write them as rtmp://user:password@host/app/key';
  }
  if (/InvalidApp|app.*not found|no such app/i.test(words)) {
    return `the server has no application "${application}"; check the part of the URL between host and stream key`;
  }
  if (/full|limit|too many|capacity|AppShutdown|busy/i.test(words)) {
    return 'the server is full or is shutting down; it is tried again';
  }
  const quoted = [code, description].filter((word) => word !== '').join(': ');
  return `the server refuses application "${application}" (${quoted || 'without a reason'}); check the URL`;
}

function explainConnection(
  { stage, reason }: Extract<Refusal, { outcome: 'failed' }>,
  { host, port, scheme, application }: RtmpLocation,
): string {
  const address = `${host}:${port}`;
  switch (stage) {
    case 'network':
      return explainNetwork(reason, host, address);
    case 'tls':
      return explainTls(reason, address);
    case 'handshake':
      if (reason === 'timeout') return `${address} accepts the connection and says nothing; it is tried again`;
      return `${address} does not speak RTMP; check the port${scheme === 'rtmp' ? ', and whether the platform asks for rtmps://' : ''}`;
    case 'connect':
      return reason === 'timeout'
        ? `${address} does not answer the request for application "${application}"; it is tried again`
        : `${address} ends the connection when asked for application "${application}"; check the part of the URL between host and stream key`;
  }
}

function explainNetwork(reason: string, host: string, address: string): string {
  if (NAME_NOT_FOUND.has(reason))
    return `the name ${host} is not found (${reason}); check the host of the URL, and DNS`;
  if (reason === 'ECONNREFUSED')
    return `nothing listens on ${address}; check host and port, and whether the server runs`;
  if (reason === 'timeout' || reason === 'ETIMEDOUT') {
    return `${address} does not answer; check host and port, and whether a firewall is in between`;
  }
  if (reason === 'EHOSTUNREACH' || reason === 'ENETUNREACH') {
    return `there is no route to ${address} (${reason}); check the network of this machine`;
  }
  return `${address} cannot be reached (${reason}); check host, port and network`;
}

function explainTls(reason: string, address: string): string {
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(reason)) {
    return `the certificate of ${address} is signed by nobody whom this machine trusts (${reason}); add its authority to the system's certificates, or use rtmp://`;
  }
  if (/EXPIRED|NOT_YET_VALID/.test(reason)) {
    return `the certificate of ${address} is not valid now (${reason}); check the clock of this machine, or tell the platform`;
  }
  if (/ALTNAME/.test(reason)) {
    return `the certificate of ${address} is for another name (${reason}); use the host name that the platform names`;
  }
  if (/WRONG_VERSION|SSL|PROTO|ECONNRESET|timeout|closed/.test(reason)) {
    return `${address} does not speak TLS (${reason}); check the port, or use rtmp://`;
  }
  return `TLS with ${address} failed (${reason}); check host and port`;
}
