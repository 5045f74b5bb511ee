import { describe, expect, it } from 'vitest';
import { chooseDecoders } from '#src/stream/stages/ingest/decoder-choice.js';
import {
  branchCaps,
  depayLaunch,
  lackOfBranch,
  PICTURE_SINK,
  publishableVideo,
  publishedCodecOf,
  SOUND_SINK,
  StreamBranches,
  unusedBranchOf,
  videoCodecOf,
} from '#src/stream/stages/ingest/stream-branches.js';

const linked = (...elements: string[]): StreamBranches => {
  const branches = new StreamBranches('h265');
  for (const element of elements) branches.linked(element);
  return branches;
};

describe('StreamBranches', () => {
  it('knows nothing before streams are linked', () => {
    expect(linked()).toMatchObject({ video: undefined, videoCodec: undefined, hasSound: undefined });
  });

  it('knows what is linked at once, and what is not once all streams are known', () => {
    const branches = linked(PICTURE_SINK);

    expect(branches).toMatchObject({ video: 'H.265', videoCodec: 'h265', hasSound: undefined });
    branches.complete();
    expect(branches).toMatchObject({ video: 'H.265', hasSound: false });
  });

  it('knows a stream that is linked late', () => {
    const branches = linked(SOUND_SINK);
    branches.complete();
    expect(branches.video).toBe('none');

    branches.linked(PICTURE_SINK);

    expect(branches).toMatchObject({ video: 'H.265', hasSound: true });
  });
});

describe('what the codecs of a camera are called', () => {
  it.each([
    ['H264', 'h264', 'rtph264depay ! h264parse config-interval=-1 !'],
    ['H265', 'h265', 'rtph265depay ! h265parse config-interval=-1 !'],
    ['JPEG', 'jpeg', 'rtpjpegdepay'],
  ] as const)('%s is taken, where its caps say so, and taken apart', (encoding, codec, depayloader) => {
    expect(videoCodecOf(encoding)).toBe(codec);
    expect(branchCaps(codec)[PICTURE_SINK]).toContain(`media=video,encoding-name=${encoding}`);
    expect(branchCaps(codec)[SOUND_SINK]).toBe('application/x-rtp,media=audio');
    expect(depayLaunch(codec)).toContain(depayloader);
  });

  it('another is not', () => {
    expect(videoCodecOf('VP8')).toBeUndefined();
  });
});

describe('what is published', () => {
  const choicesOf = (elements: RegExp) =>
    chooseDecoders({ has: (element) => elements.test(element), rankOf: () => 256, propertiesOf: () => [] });

  it.each([
    [/^avdec_(h264|vp8|vp9)$/, ['H264', 'VP8', 'VP9']],
    [/^avdec_(h264|h265)$/, ['H264']],
    [/^nvvp9dec$/, ['VP9']],
    [/^nothing$/, []],
  ])('is what %s decodes', (elements, expected) => {
    expect(publishableVideo(choicesOf(elements))).toEqual(expected);
  });

  it.each([
    ['H264', 'h264'],
    ['VP8', 'vp8'],
    ['VP9', 'vp9'],
    ['H265', undefined],
    ['AV1', undefined],
  ])('%s is %s', (encoding, codec) => {
    expect(publishedCodecOf(encoding)).toBe(codec);
  });

  it('may have codecs that no camera is asked for', () => {
    const vp8 = { kind: 'video', encoding: 'VP8' };

    expect(lackOfBranch(vp8, choicesOf(/./))).toMatch(/VP8 cannot be decoded/);
  });
});

describe('unusedBranchOf', () => {
  const warning = (debug: string) =>
    ({
      type: 'warning',
      domain: 'gst-parse-error',
      code: 7,
      element: 'decoder',
      text: 'Delayed linking failed.',
      debug,
    }) as const;

  it.each([
    [
      'grammar.y(853): gst_parse_no_more_pads (): /d:\nfailed delayed linking some pad of GstDecodeBin named decoder to some pad of GstQueue named audio-any',
      'audio-any',
    ],
    ['a packet was lost', undefined],
  ])('%s', (debug, expected) => {
    expect(unusedBranchOf(warning(debug))).toBe(expected);
  });

  it('leaves other messages alone', () => {
    expect(unusedBranchOf({ type: 'eos' })).toBeUndefined();
  });
});
