import { describe, expect, it } from 'vitest';
import { parseOffer, sentMedia, wantedMedia } from '#src/gateway/webrtc-http/sdp/offer.js';
import { offerOf } from './fixture.js';

const PLAY = offerOf('chromium-play');
const without = (pattern: RegExp): string => PLAY.replace(pattern, '');

describe('parseOffer', () => {
  it.each([
    ['chromium-play', 'actpass', ['0 video recvonly', '1 audio recvonly']],
    ['chromium-publish', 'actpass', ['0 audio sendonly', '1 video sendonly', '2 application sendrecv']],
    ['firefox-play', 'actpass', ['0 video recvonly', '1 audio recvonly']],
    ['safari-publish', 'actpass', ['0 video sendonly', '1 audio sendonly']],
    ['obs-publish', 'actpass', ['0 audio sendonly', '1 video sendonly']],
    ['webrtcbin-play', 'actpass', ['video0 video recvonly', 'audio1 audio recvonly']],
  ])('%s', (name, setup, sections) => {
    const offer = parseOffer(offerOf(name));

    expect(offer.media.map(({ mid, type, direction }) => `${mid} ${type} ${direction}`)).toEqual(sections);
    expect(offer.dtls.setup).toBe(setup);
    expect(offer.dtls.fingerprint).toMatchObject({ algorithm: 'sha-256' });
    expect(offer.ice.password.length).toBeGreaterThanOrEqual(22);
  });

  it('keeps names that are whole numbers as texts', () => {
    const offer = parseOffer(PLAY.replaceAll(/a=ice-ufrag:.*/g, 'a=ice-ufrag:1234'));

    expect(offer.ice.usernameFragment).toBe('1234');
    expect(offer.media.map(({ mid }) => mid)).toEqual(['0', '1']);
  });

  it('takes a section with port 0 where it is bundled with the first, and no other', () => {
    const bundled = parseOffer(offerOf('webrtcbin-play'));
    const givenUp = parseOffer(offerOf('webrtcbin-play').replace('a=bundle-only\r\n', ''));

    expect(wantedMedia(bundled, 'audio')?.mid).toBe('audio1');
    expect(wantedMedia(givenUp, 'audio')).toBeUndefined();
  });

  it('leaves out a section that is not bundled with the first', () => {
    const offer = parseOffer(PLAY.replace('BUNDLE 0 1', 'BUNDLE 0'));

    expect(wantedMedia(offer, 'video')?.mid).toBe('0');
    expect(wantedMedia(offer, 'audio')).toBeUndefined();
  });

  it('finds by direction what is sent', () => {
    const offer = parseOffer(offerOf('obs-publish'));

    expect(sentMedia(offer, 'video')).toMatchObject({ encodings: [{ ssrc: 2914703311 }], cname: 'nKq2WfP8sYtR4vXb' });
    expect(wantedMedia(offer, 'video')).toBeUndefined();
  });

  it.each([
    ['chromium-publish', [{ ssrc: 2372967761, rtx: { ssrc: 4237107341 } }]],
    ['chromium-simulcast', [{ rid: 'h' }, { rid: 'l' }]],
    ['obs-simulcast', [{ rid: '0' }, { rid: '1' }, { rid: '2' }]],
    ['safari-publish', [{ ssrc: 1204410382, rtx: { ssrc: 3380901277 } }]],
  ])('tells the encodings of %s', (name, encodings) => {
    expect(sentMedia(parseOffer(offerOf(name)), 'video')?.encodings).toEqual(encodings);
  });

  it.each([
    ['nothing', '', 'BAD_INPUT', 'does not begin with the line v=0'],
    ['JSON', '{"sdp":"v=0"}', 'BAD_INPUT', 'does not begin with the line v=0'],
    ['no sections', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n', 'BAD_INPUT', 'no m= line'],
    ['too many sections', PLAY + 'm=audio 9 RTP/AVP 0\r\na=mid:x\r\n'.repeat(20), 'BAD_INPUT', 'has 22 m= lines'],
    ['a section that cannot be read', PLAY.replace('m=audio 9', 'm=audio'), 'BAD_INPUT', 'cannot be read'],
    ['no mid', without(/a=mid:1\r\n/), 'BAD_INPUT', 'no a=mid'],
    ['the same mid twice', PLAY.replace('a=mid:1', 'a=mid:0'), 'BAD_INPUT', 'the same a=mid'],
    ['no ufrag', without(/a=ice-ufrag:.*\r\n/g), 'BAD_INPUT', 'a=ice-ufrag is missing'],
    ['a short password', PLAY.replaceAll(/a=ice-pwd:.*/g, 'a=ice-pwd:short'), 'BAD_INPUT', 'a=ice-pwd'],
    ['no fingerprint', without(/a=fingerprint:.*\r\n/g), 'BAD_INPUT', 'a=fingerprint is missing'],
    ['a weak hash', PLAY.replaceAll('sha-256', 'md5'), 'BAD_INPUT', 'not one of sha-1 to sha-512'],
    ['a cut fingerprint', PLAY.replaceAll(/(a=fingerprint:sha-256 ..:..).*/g, '$1'), 'BAD_INPUT', 'as many bytes'],
    ['a wrong setup', PLAY.replaceAll('a=setup:actpass', 'a=setup:holdconn'), 'BAD_INPUT', 'holdconn'],
    ['no encryption', PLAY.replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), 'NOT_ACCEPTABLE', 'RTP/AVP'],
    ['no rtcp-mux', without(/a=rtcp-mux\r\n/g), 'NOT_ACCEPTABLE', 'without a=rtcp-mux'],
    ['no bundle', without(/a=group:BUNDLE.*\r\n/), 'NOT_ACCEPTABLE', 'no section for audio or video that is bundled'],
  ])('refuses %s', (_name, text, code, words) => {
    expect(() => parseOffer(text)).toThrow(
      expect.objectContaining({ code: `DIPTYCH_E_${code}`, message: expect.stringContaining(words) as string }),
    );
  });
});
