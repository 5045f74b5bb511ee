import { describe, expect, it } from 'vitest';
import {
  describeTrack,
  parseSessionDescription,
  writeSessionDescription,
  type OfferedTrack,
} from '#src/stream/rtsp/session-description.js';
import { STATIC_PAYLOAD_TYPES } from '#src/stream/rtsp/static-payload-types.js';
import { chooseTracks } from '#src/stream/rtsp/track-choice.js';

const HEAD = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n';
const SPS_360P = 'Z0LAHtkAoC/5YQAAAwABAAADADIPFi5I';

const track = (section: string): OfferedTrack => {
  const [first] = parseSessionDescription(`${HEAD}${section}`).tracks;
  if (!first) throw new Error('no track');
  return first;
};
const tracksOf = (...sections: readonly string[]): readonly OfferedTrack[] =>
  parseSessionDescription(HEAD + sections.map((section) => `${section}\r\n`).join('')).tracks;

describe('a track', () => {
  it.each([...STATIC_PAYLOAD_TYPES])('payload type %i needs no rtpmap', (payloadType, { encoding, clockRate }) => {
    const media = clockRate === 90_000 && encoding !== 'MPA' ? 'video' : 'audio';

    const { lines } = track(`m=${media} 0 RTP/AVP ${payloadType}`);

    expect(lines[0]).toMatch(new RegExp(`^a=rtpmap:${payloadType} ${encoding}/${clockRate}(/[12])?$`));
  });

  it.each([
    ['m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=x-dimensions:704,576', '0: video H264 704x576'],
    ['m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framesize:96 1920-1080', '0: video H264 1920x1080'],
    ['m=video 0 RTP/AVP 96\r\na=rtpmap:96 h265/90000', '0: video H265'],
    ['m=audio 0 RTP/AVP 0 8', '0: audio PCMU 8000 Hz'],
    ['m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/48000/2', '0: audio MPEG4-GENERIC 48000 Hz'],
    ['m=audio 0 RTP/AVP 0\na=sendonly', '0: a back channel PCMU'],
    ['m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000', '0: metadata VND.ONVIF.METADATA'],
    ['m=video 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000', '0: metadata VND.ONVIF.METADATA'],
    ['m=video 0 RTP/AVP 96\na=rtpmap:102 H265/90000', '0: video unknown'],
    ['m=video 0 RTP/AVP', '0: video unknown'],
  ])('%j is %s', (section, expected) => {
    expect(describeTrack(track(section))).toBe(expected);
  });

  it('the size is read from parameter sets', () => {
    const { size } = track(
      `m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=${SPS_360P},aM48gA==`,
    );

    expect(size).toEqual({ width: 640, height: 360 });
  });

  it('names that look like numbers are names', () => {
    const { tracks } = parseSessionDescription(
      'v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 264/90000\na=control:1\nm=7 0 RTP/AVP 97\n',
    );

    expect(tracks).toMatchObject([
      { kind: 'video', encoding: '264', control: '1' },
      { kind: 'other', use: '7' },
    ]);
  });

  it('sound of a camera that marks everything sendonly is sound', () => {
    const kinds = tracksOf('m=video 0 RTP/AVP 26\r\na=sendonly', 'm=audio 0 RTP/AVP 8\r\na=sendonly').map(
      ({ kind }) => kind,
    );

    expect(kinds).toEqual(['video', 'audio']);
  });

  it('a receiver gets only the tracks that are taken, and no line of the camera that ends another', () => {
    const tracks = tracksOf(
      'm=video 0 RTP/AVP 96 97\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0==\r\na=framerate:25\r\na=x-odd:1\r\na=recvonly\r\na=control:trackID=1',
      'm=audio 0 RTP/AVP 8',
    );

    const written = writeSessionDescription(tracks.slice(0, 1), () => 'track0');

    expect(written.split('\r\n').slice(6)).toEqual([
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0==',
      'a=framerate:25',
      'a=control:track0',
      '',
    ]);
    expect(tracks[0]?.control).toBe('trackID=1');
  });

  it.each([
    '',
    'no sdp at all',
    'v=0\nm=',
    'm=video x y z\na=rtpmap:',
    '\0\xff\n=\n==',
    'a=fmtp:96\nm=audio 0 RTP/AVP 999',
  ])('nothing is thrown for %j', (text) => {
    expect(() => writeSessionDescription(parseSessionDescription(text).tracks, () => 'x')).not.toThrow();
  });
});

describe('chooseTracks', () => {
  const AUTO = { video: 'auto', audio: 'auto' } as const;
  const SMALL = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=x-dimensions:640,360';
  const LARGE = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=x-dimensions:1920,1080';
  const UNKNOWN_SIZE = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000';
  const PCMA = 'm=audio 0 RTP/AVP 8';
  const GSM = 'm=audio 0 RTP/AVP 3';
  const aac = (fmtp: string): string => `m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/48000/1\r\n${fmtp}`;
  const lackOf = ({ encoding }: OfferedTrack): string | undefined =>
    encoding === 'GSM' ? 'GSM is not known' : undefined;

  it.each([
    ['the first', [SMALL, PCMA], AUTO, 0, 1],
    ['the larger picture', [SMALL, LARGE, PCMA], AUTO, 1, 2],
    ['the first where a size is not known', [UNKNOWN_SIZE, LARGE], AUTO, 0, undefined],
    ['the first sound that can be played', [GSM, SMALL, PCMA], AUTO, 1, 2],
    ['what is wished', [SMALL, LARGE, GSM, PCMA], { video: 0, audio: 1 } as const, 0, 3],
    ['silence', [SMALL, PCMA], { video: 'auto', audio: 'none' } as const, 0, undefined],
  ])('takes %s', (_, sections, wish, video, audio) => {
    const choice = chooseTracks(tracksOf(...sections), wish, lackOf);

    expect([choice.video?.index, choice.audio?.index]).toEqual([video, audio]);
    expect(choice.audioReason === undefined).toBe(audio !== undefined);
  });

  it.each([
    ['a=fmtp:97 mode=AAC-hbr', 'without a configuration'],
    ['a=fmtp:97 config=', 'which is none'],
    ['a=fmtp:97 config=zz', 'which is none'],
    ['a=fmtp:97 config=0000', 'which is none'],
    ['a=fmtp:97 config=1F', 'which is none'],
  ])('AAC with %j is not taken', (fmtp, words) => {
    const choice = chooseTracks(tracksOf(SMALL, aac(fmtp)), AUTO, lackOf);

    expect(choice.audio).toBeUndefined();
    expect(choice.audioReason).toContain(words);
  });

  it.each(['1188', '119056E500'])('AAC with the configuration %s is taken', (config) => {
    expect(chooseTracks(tracksOf(SMALL, aac(`a=fmtp:97 config=${config}`)), AUTO, lackOf).audio?.index).toBe(1);
  });

  it('says what is wrong with a wish', () => {
    const choice = chooseTracks(tracksOf(SMALL, PCMA), { video: 3, audio: 7 }, lackOf);

    expect(choice).toEqual({
      videoReason: 'source.track.video is 3, and the camera offers video 0 only',
      audioReason: 'source.track.audio is 7, and the camera offers audio 0 only',
    });
  });
});
