import { describe, expect, it } from 'vitest';
import { BRANCH_CAPS, SOUND_SINK, StreamBranches, unusedBranchOf } from '#src/stream/stages/ingest/stream-branches.js';

const linked = (...elements: string[]): StreamBranches => {
  const branches = new StreamBranches();
  for (const element of elements) branches.linked(element);
  return branches;
};

describe('StreamBranches', () => {
  it('knows nothing before streams are linked', () => {
    expect(linked()).toMatchObject({ video: undefined, videoCodec: undefined, hasSound: undefined });
  });

  it('knows what is linked at once, and what is not once all streams are known', () => {
    const branches = linked('video-h265');

    expect(branches).toMatchObject({ video: 'H.265', videoCodec: 'h265', hasSound: undefined });
    branches.complete();
    expect(branches).toMatchObject({ video: 'H.265', hasSound: false });
  });

  it('knows a stream that is linked late', () => {
    const branches = linked(SOUND_SINK);
    branches.complete();
    expect(branches.video).toBe('none');

    branches.linked('video-h264');

    expect(branches).toMatchObject({ video: 'H.264', videoElement: 'video-h264', hasSound: true });
  });

  it('keeps the first of two', () => {
    expect(linked('video-jpeg', 'video-h264')).toMatchObject({ video: 'Motion JPEG', videoElement: 'video-jpeg' });
  });

  it('knows every branch of the template', () => {
    for (const element of Object.keys(BRANCH_CAPS)) {
      const branches = linked(element);
      expect(element === SOUND_SINK ? branches.hasSound : branches.video).toBeDefined();
    }
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
