import { generateRouterRtpCapabilities } from 'mediasoup/ortc';
import { describe, expect, it } from 'vitest';
import { parseOffer } from '#src/gateway/webrtc-http/sdp/offer.js';
import { choosePublication, type PublicationOptions } from '#src/gateway/webrtc-http/sdp/publication.js';
import { offerOf } from './fixture.js';

const OPTIONS: PublicationOptions = {
  routerCapabilities: generateRouterRtpCapabilities([
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
    {
      kind: 'video',
      mimeType: 'video/H264',
      clockRate: 90_000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
    },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  ]),
  preference: ['video/h264', 'video/vp8', 'audio/opus'],
};
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const RTX = 'video/rtx';

describe('choosePublication', () => {
  it.each([
    ['chromium-publish', 'video/H264', [108, 109], { ssrc: 2372967761, rtx: { ssrc: 4237107341 } }],
    ['firefox-publish', 'video/VP8', [120, 124], {}],
    ['safari-publish', 'video/H264', [98, 99], { ssrc: 1204410382, rtx: { ssrc: 3380901277 } }],
    ['obs-publish', 'video/H264', [96], { ssrc: 2914703311 }],
    ['webrtcbin-publish', 'video/H264', [96], { ssrc: 1773618657 }],
  ])('%s', (name, mimeType, payloadTypes, encoding) => {
    const { video, audio } = choosePublication(parseOffer(offerOf(name)), OPTIONS);

    expect(video?.mimeType).toBe(mimeType);
    expect(video?.rtpParameters.codecs.map(({ payloadType }) => payloadType)).toEqual(payloadTypes);
    expect(video?.answered.codecs.map(({ payloadType }) => payloadType)).toEqual(payloadTypes);
    expect(video?.rtpParameters.encodings).toMatchObject([encoding]);
    expect(audio?.mimeType.toLowerCase()).toBe('audio/opus');
  });

  it.each([
    ['chromium-simulcast', ['h', 'l']],
    ['obs-simulcast', ['0', '1', '2']],
  ])('takes every layer of %s', (name, rids) => {
    const { video } = choosePublication(parseOffer(offerOf(name)), OPTIONS);

    expect(video?.rtpParameters.encodings?.map(({ rid }) => rid)).toEqual(rids);
    expect(video?.answered.rids).toEqual(rids);
    expect(video?.answered.headerExtensions.map(({ uri }) => uri)).toContain(MID);
  });

  it('takes what comes first in the preference', () => {
    const preference = ['video/vp8', 'audio/opus'];

    const { video } = choosePublication(parseOffer(offerOf('chromium-publish')), { ...OPTIONS, preference });

    expect(video?.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual(['video/VP8', RTX]);
  });

  it.each([
    ['a player', offerOf('chromium-play'), 'sends neither video nor audio'],
    ['a codec that is not taken', offerOf('obs-publish').replace('H264/90000', 'H265/90000'), 'taken as H264, VP8'],
  ])('refuses %s', (_name, text, words) => {
    const offer = parseOffer(text);

    expect(() => choosePublication(offer, OPTIONS)).toThrow(
      expect.objectContaining({
        code: 'DIPTYCH_E_NOT_ACCEPTABLE',
        message: expect.stringContaining(words) as string,
      }),
    );
  });
});
