import { describe, expect, it } from 'vitest';
import { baseUriOf, controlUri, methodsOf, sessionOf, transportOf } from '#src/stream/rtsp/rtsp-headers.js';
import type { RtspResponse } from '#src/stream/rtsp/rtsp-message.js';
import { parseRtspUrl } from '#src/stream/rtsp/rtsp-url.js';
import { certificateProblem, normaliseFingerprint } from '#src/stream/rtsp/tls-check.js';

const response = (...headers: readonly (readonly [string, string])[]): RtspResponse => ({
  type: 'response',
  status: 200,
  reason: 'OK',
  headers,
  body: Buffer.alloc(0),
});

it.each([
  ['1234', { id: '1234', timeoutS: 60 }],
  ['1234;timeout=20', { id: '1234', timeoutS: 20 }],
  ['1234 ; timeout = "15"', { id: '1234', timeoutS: 15 }],
  ['1234;timeout=0', { id: '1234', timeoutS: 60 }],
  ['', undefined],
])('Session: %s', (value, expected) => {
  expect(sessionOf(response(['session', value]))).toEqual(expected);
});

it.each([
  ['RTP/AVP/TCP;unicast;interleaved=4-5', { kind: 'tcp', rtpChannel: 4, rtcpChannel: 5 }],
  ['RTP/AVP/TCP;interleaved=2', { kind: 'tcp', rtpChannel: 2, rtcpChannel: 3 }],
  ['RTP/AVP;unicast;interleaved=0-1', { kind: 'tcp', rtpChannel: 0, rtcpChannel: 1 }],
  ['RTP/AVP/TCP;interleaved=300-301', undefined],
  ['RTP/AVP/TCP', undefined],
  [
    'RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;source=10.0.0.9;ssrc=1',
    { kind: 'udp', rtpPort: 6000, rtcpPort: 6001, source: '10.0.0.9' },
  ],
  ['RTP/AVP/UDP;server_port=6000', { kind: 'udp', rtpPort: 6000, rtcpPort: 6001 }],
  ['RTP/AVP', { kind: 'udp', rtpPort: 0, rtcpPort: 0 }],
])('Transport: %s', (value, expected) => {
  expect(transportOf(response(['transport', value]))).toEqual(expected);
});

it('Public may be said in several lines and cases', () => {
  expect([...methodsOf(response(['public', 'options, Get_Parameter'], ['public', 'PLAY']))]).toEqual([
    'OPTIONS',
    'GET_PARAMETER',
    'PLAY',
  ]);
});

describe('control URLs', () => {
  it.each([
    ['rtsp://h/cam/', 'track1', 'rtsp://h/cam/track1'],
    ['rtsp://h/cam', '/track1', 'rtsp://h/cam/track1'],
    ['rtsp://h/cam?x=1&y=2', 'trackID=0', 'rtsp://h/cam?x=1&y=2/trackID=0'],
    ['rtsp://h/cam', 'rtsp://10.0.0.1/inner', 'rtsp://10.0.0.1/inner'],
    ['rtsp://h/cam', 'rtsp://u:p@10.0.0.1/inner', 'rtsp://10.0.0.1/inner'],
    ['rtsp://h/cam', '*', 'rtsp://h/cam'],
    ['rtsp://h/cam', '', 'rtsp://h/cam'],
    ['rtsp://h/cam', 'a b\u00e9', 'rtsp://h/cam/a%20b%C3%A9'],
  ])('%s + %s', (base, control, expected) => {
    expect(controlUri(base, control)).toBe(expected);
  });

  it.each([
    [[['content-base', 'rtsp://h/base/']], 'rtsp://h/base/'],
    [[['content-base', 'nonsense']], 'rtsp://h/asked'],
    [[['content-location', 'rtsp://u:p@h/loc']], 'rtsp://h/loc'],
    [[], 'rtsp://h/asked'],
  ] as const)('the base of %j', (headers, expected) => {
    expect(baseUriOf(response(...headers), 'rtsp://h/asked')).toBe(expected);
  });
});

it.each([
  ['rtsp://h', { isTls: false, host: 'h', port: 554, uri: 'rtsp://h' }],
  ['RTSPS://h:7441/x?y#z', { isTls: true, host: 'h', port: 7441, uri: 'rtsps://h:7441/x?y' }],
  ['rtsps://[::1]/x', { isTls: true, host: '::1', port: 322, uri: 'rtsps://[::1]/x' }],
  ['rtsp://h/\u00e9', { isTls: false, host: 'h', port: 554, uri: 'rtsp://h/%C3%A9' }],
  ['rtsp://h:0/', undefined],
  ['http://h/', undefined],
])('%s', (url, expected) => {
  expect(parseRtspUrl(url)).toEqual(expected);
});

describe('a certificate', () => {
  const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
  const digits = 'AB'.repeat(32);

  it.each([`sha256 ${fingerprint}`, `SHA-256: ${digits.toLowerCase()}`, fingerprint, digits])('%s is read', (text) => {
    expect(normaliseFingerprint(text)).toBe(digits);
  });

  it('what is no fingerprint is none', () => {
    expect(normaliseFingerprint('sha256 AB')).toBeUndefined();
  });

  it.each([
    ['valid', { verify: true }, undefined, undefined],
    ['self-signed', { verify: true }, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'invalid'],
    ['not checked', { verify: false }, 'CERT_HAS_EXPIRED', undefined],
    ['pinned, self-signed', { verify: true, fingerprint: digits }, 'DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
    ['another one, though valid', { verify: true, fingerprint: '0'.repeat(64) }, undefined, 'other'],
    ['another one, though not checked', { verify: false, fingerprint: '0'.repeat(64) }, undefined, 'other'],
  ])('%s', (_, policy, code, expected) => {
    expect(certificateProblem(policy, { fingerprint, code })?.kind).toBe(expected);
  });
});
