import { describe, expect, it } from 'vitest';
import type { BusMessage } from '#native/types.js';
import { StreamBranches } from '#stages/ingest/stream-branches.js';

const unused = (name: string): BusMessage => ({
  type: 'warning',
  domain: 'gst-core-error-quark',
  code: 1,
  element: 'source',
  text: 'Delayed linking failed.',
  debug: `gst/parse/grammar.y(853): gst_parse_no_more_pads (): /GstPipeline:p/GstRTSPSrc:source:\nfailed delayed linking some pad of GstRTSPSrc named source to some pad of GstX named ${name}`,
});

const noted = (...names: string[]): StreamBranches => {
  const branches = new StreamBranches();
  for (const name of names) branches.note(unused(name));
  return branches;
};

const OTHER_AUDIO = ['audio-aac', 'audio-latm', 'audio-pcma', 'audio-opus', 'audio-l16', 'audio-l24'];

describe('StreamBranches', () => {
  it('knows nothing before GStreamer says what is unused', () => {
    expect(new StreamBranches()).toMatchObject({ video: undefined, audio: undefined });
  });

  it('tells the branch that is left', () => {
    const branches = noted('video-h264', 'video-jpeg', ...OTHER_AUDIO);

    expect(branches.video).toBe('H.265');
    expect(branches.audio).toBe('G.711 µ-law');
  });

  it('waits while more than one may be in use', () => {
    expect(noted('video-h264').video).toBeUndefined();
  });

  it('tells that there is none', () => {
    const branches = noted('video-h264', 'video-h265', 'video-jpeg', 'audio-pcmu', ...OTHER_AUDIO);

    expect(branches.video).toBe('none');
    expect(branches.audio).toBe('none');
    expect(branches.isUnused('audio-pcmu')).toBe(true);
    expect(branches.isUnused('audio-any')).toBe(false);
  });

  it('leaves other messages alone', () => {
    const branches = new StreamBranches();

    expect(branches.note({ ...unused('video-h264'), debug: 'a packet was lost' } as BusMessage)).toBe(false);
    expect(branches.note({ type: 'eos' })).toBe(false);
    expect(branches.note(unused('video-h264'))).toBe(true);
  });
});
