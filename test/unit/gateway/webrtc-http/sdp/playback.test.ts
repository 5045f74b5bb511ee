import { describe, expect, it } from 'vitest';
import { parseOffer } from '#src/gateway/webrtc-http/sdp/offer.js';
import { choosePlayback } from '#src/gateway/webrtc-http/sdp/playback.js';
import { offerOf } from './fixture.js';

const PLAY = offerOf('chromium-play');
const baselineFirst = PLAY.replaceAll(/profile-level-id=42e01f/g, 'profile-level-id=640c1f');

describe('choosePlayback', () => {
  it.each([
    ['chromium: constrained baseline among ten formats', PLAY, 108, 111],
    ['chromium, without candidates', offerOf('chromium-play-trickle'), 108, 111],
    ['firefox', offerOf('firefox-play'), 126, 109],
    ['safari, which puts high first', offerOf('safari-play'), 98, 111],
    ['webrtcbin, which names no profile', offerOf('webrtcbin-play'), 101, 96],
    ['a player without constrained baseline: baseline', baselineFirst, 102, 111],
    ['a player with main only', baselineFirst.replaceAll('42001f', '640c1f'), 116, 111],
  ])('%s', (_name, text, video, audio) => {
    const playback = choosePlayback(parseOffer(text));

    expect(playback.video?.codec.preferredPayloadType).toBe(video);
    expect(playback.audio?.codec.preferredPayloadType).toBe(audio);
  });

  it('takes a section that could also send', () => {
    const playback = choosePlayback(parseOffer(PLAY.replaceAll('a=recvonly', 'a=sendrecv')));

    expect(playback).toMatchObject({ video: { mid: '0' }, audio: { mid: '1' } });
  });

  it('leaves out sound that the player does not take', () => {
    const playback = choosePlayback(parseOffer(PLAY.replace('opus/48000/2', 'vorbis/48000/2')));

    expect(playback.audio).toBeUndefined();
    expect(playback.video).toBeDefined();
  });

  it('plays sound alone where no pictures are wanted', () => {
    const playback = choosePlayback(parseOffer(PLAY.replace('a=recvonly', 'a=inactive')));

    expect(playback.video).toBeUndefined();
    expect(playback.audio).toBeDefined();
  });

  it.each([
    ['a browser without H.264', offerOf('firefox-play-without-h264'), 'it takes VP8, VP9, AV1'],
    ['single NAL units only', PLAY.replaceAll('packetization-mode=1', 'packetization-mode=0'), 'packetization-mode=0'],
    ['a publisher', offerOf('chromium-publish'), 'wants to receive neither video nor audio'],
    ['nothing that is active', PLAY.replaceAll('a=recvonly', 'a=inactive'), 'wants to receive neither'],
  ])('refuses %s', (_name, text, words) => {
    const offer = parseOffer(text);

    expect(() => choosePlayback(offer)).toThrow(
      expect.objectContaining({
        code: 'DIPTYCH_E_NOT_ACCEPTABLE',
        message: expect.stringContaining(words) as string,
      }),
    );
  });
});
