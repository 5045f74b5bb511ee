import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { formatAnswer, type AnsweredMedia } from '#src/gateway/webrtc-http/sdp/answer.js';
import { parseOffer } from '#src/gateway/webrtc-http/sdp/offer.js';
import { offerOf, TRANSPORT } from './fixture.js';

const VIDEO: AnsweredMedia = {
  direction: 'sendonly',
  codecs: [
    {
      mimeType: 'video/H264',
      payloadType: 108,
      clockRate: 90_000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' },
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 9 }],
  encodings: [{ ssrc: 1111, rtx: { ssrc: 2222 } }],
  cname: 'hall',
};

const answerTo = (
  name: string,
  media: Record<string, AnsweredMedia>,
  change = (text: string): string => text,
): string =>
  formatAnswer({
    offer: parseOffer(change(offerOf(name))),
    transport: TRANSPORT,
    media: new Map(Object.entries(media)),
    sessionId: 7,
  });

describe('formatAnswer', () => {
  it('answers every section, in the order of the offer, and refuses what is not sent', () => {
    const text = answerTo('chromium-publish', { 1: { ...VIDEO, direction: 'recvonly', encodings: [] } });

    const { media, groups } = parse(text);
    expect(media.map(({ type, port, direction }) => [type, port, direction])).toEqual([
      ['audio', 0, 'inactive'],
      ['video', 9, 'recvonly'],
      ['application', 0, 'inactive'],
    ]);
    expect(groups).toMatchObject([{ type: 'BUNDLE', mids: 1 }]);
  });

  it('says what is sent, from where and to whom', () => {
    const text = answerTo('chromium-play', { 0: VIDEO });

    for (const line of [
      'a=ice-lite',
      'a=ice-ufrag:serverfrag',
      `a=ice-pwd:${'p'.repeat(32)}`,
      'a=fingerprint:sha-256 BB:CC',
      'a=candidate:udpcandidate 1 udp 1076302079 192.0.2.1 40000 typ host',
      'a=candidate:tcpcandidate 1 tcp 1076276479 2001:db8::1 40000 typ host tcptype passive',
      'a=end-of-candidates',
      'm=video 9 UDP/TLS/RTP/SAVPF 108',
      'a=rtpmap:108 H264/90000',
      'a=fmtp:108 packetization-mode=1;profile-level-id=42e01f',
      'a=rtcp-fb:108 nack',
      'a=rtcp-fb:108 nack pli',
      'a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=ssrc-group:FID 1111 2222',
      'a=ssrc:1111 cname:hall',
      'a=sendonly',
      'a=msid:hall hall-video',
    ]) {
      expect(text).toContain(`\r\n${line}\r\n`);
    }
  });

  it.each([
    ['actpass', 'passive'],
    ['active', 'passive'],
    ['passive', 'active'],
  ])('answers setup:%s with %s', (offered, answered) => {
    const text = answerTo('chromium-play', { 0: VIDEO }, (offer) =>
      offer.replaceAll('a=setup:actpass', `a=setup:${offered}`),
    );

    expect(parse(text).media[0]?.setup).toBe(answered);
  });

  it('takes layers by their names', () => {
    const text = answerTo('obs-simulcast', { 1: { ...VIDEO, direction: 'recvonly', rids: ['0', '2'] } });

    expect(text).toContain('a=rid:0 recv\r\na=rid:2 recv\r\n');
    expect(text).toContain('a=simulcast:recv 0;2\r\n');
  });

  it('is an answer that the parser of offers reads', () => {
    const text = answerTo('chromium-play', { 0: VIDEO }).replace('sha-256 BB:CC', `sha-256 ${'BB:'.repeat(31)}BB`);

    expect(parseOffer(text).media[0]).toMatchObject({ mid: '0', direction: 'sendonly', cname: 'hall' });
  });
});
