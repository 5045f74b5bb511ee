import { describe, expect, it } from 'vitest';
import { parseRtmpLocation } from '#src/shared/rtmp/location.js';
import type { ConnectStage } from '#src/stream/stages/publish/rtmp/connect-probe.adapter.js';
import { explainBroken, explainRefusal } from '#src/stream/stages/publish/target-error.js';

const location = parseRtmpLocation({ url: 'rtmp://host:1936/live/secret' });

describe('why a server did not take the stream', () => {
  it.each<[ConnectStage, string, string]>([
    ['network', 'ENOTFOUND', 'the name host is not found (ENOTFOUND); check the host'],
    ['network', 'ECONNREFUSED', 'nothing listens on host:1936'],
    ['network', 'timeout', 'a firewall'],
    ['network', 'EHOSTUNREACH', 'no route to host:1936'],
    ['network', 'EACCES', 'host:1936 cannot be reached (EACCES)'],
    ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'signed by nobody whom this machine trusts'],
    ['tls', 'CERT_HAS_EXPIRED', 'not valid now'],
    ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', 'for another name'],
    ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS'],
    ['tls', 'EOTHER', 'TLS with host:1936 failed (EOTHER)'],
    ['handshake', 'timeout', 'says nothing'],
    ['handshake', 'not-rtmp', 'does not speak RTMP'],
    ['connect', 'timeout', 'does not answer the request for application "live"'],
    ['connect', 'closed', 'ends the connection when asked for application "live"'],
  ])('at %s: %s', (stage, reason, words) => {
    const text = explainRefusal({ outcome: 'failed', stage, reason }, location, '');

    expect(text).toContain(words);
    expect(text).not.toContain('secret');
  });

  it.each([
    ['publish denied; stream already exists: x', 'publishes with this stream key already'],
    ['publish denied: x', 'refuses the stream key'],
    ['connection closed remotely', 'check the stream key, and whether the broadcast is open'],
  ])('when the application was accepted: %s', (said, words) => {
    expect(explainRefusal({ outcome: 'accepted' }, location, said)).toContain(words);
  });
});

it.each([
  [{ end: 'silent', wasLive: true } as const, 'took nothing for 8 s'],
  [{ end: 'failed', wasLive: true, said: 'x' } as const, 'ended the connection; it is connected anew'],
])('a connection that broke is told: %j', (end, words) => {
  expect(explainBroken(end, 8)).toContain(words);
});
