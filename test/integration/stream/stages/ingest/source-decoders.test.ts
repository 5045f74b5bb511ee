import { describe, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { makeClip } from './clips.js';
import { failingAfter, onCard } from './decoders.js';
import {
  addon,
  camera,
  closeAfterEach,
  closing,
  distances,
  frames,
  known,
  open,
  read,
  until,
} from './source-fixture.js';

closeAfterEach();

describe('a decoder in hardware', () => {
  it('that fails on a camera is replaced, visibly, and the sound goes on', async () => {
    const { url } = await camera({ file: await makeClip({ audio: 'aac' }) });
    const session = await open(url, {}, 'live', { memory: 'cuda', decoders: failingAfter(30) });
    const mixer = await Graph.fromLaunch(
      '# {graph} string: id\ndiptychsrc graph={graph} name=in ! diptychsink graph={graph} name=out',
    );
    closing.push(() => mixer.close());
    addon.link(session.audio, { graphId: mixer.id, element: 'in' }, { maxQueueMs: 500, startOnKeyframe: false });
    mixer.play();
    const before = session.audio.graphId;

    const all = await frames(session, 90);

    expect(distances(all).every((step) => step > 0)).toBe(true);
    expect(session.audio.graphId).not.toBe(before);
    const info = await known(session, ({ decoder, audio }) => decoder === 'avdec_h264' && audio !== undefined);
    expect(info.decoderReason).toMatch(/on the CPU; nvh264dec failed: /);
    const received = addon.sinkStats(mixer.id, 'out').received;
    const more = read(session).subscribe();
    await until(() => addon.sinkStats(mixer.id, 'out').received > received + 20);
    more.unsubscribe();
  });

  it('that refuses the format is replaced', async () => {
    const { url } = await camera({ file: await makeClip() });
    const session = await open(url, {}, 'live', { memory: 'cuda', decoders: failingAfter('negotiation') });

    expect(await frames(session, 10)).toHaveLength(10);
    expect((await known(session, ({ decoder }) => decoder !== undefined)).decoderReason).toContain('not-negotiated');
  });

  it.each(['aac', 'none'] as const)('reads a file on the card, to its end (%s)', async (audio) => {
    const session = await open(await makeClip({ audio, fps: 25 }), {}, 'free', { memory: 'cuda', decoders: onCard });

    const all = await frames(session, 1000);

    expect(await session.ended).toBe('eos');
    expect(all).toHaveLength(50);
    expect(all[0]?.format).toBe('NV12');
    const info = await known(session, ({ decoder }) => decoder !== undefined);
    expect(info).toMatchObject({ codec: 'H.264', decoder: 'nvh264dec' });
    expect(await session.audio.exists).toBe(audio !== 'none');
  });

  it('that fails in a file gives way without a frame lost or shown twice', async () => {
    const file = await makeClip({ fps: 25 });
    const session = await open(file, {}, 'free', { memory: 'cuda', decoders: failingAfter(20) });

    const all = await frames(session, 1000);

    expect(await session.ended).toBe('eos');
    expect(all).toHaveLength(50);
    expect(distances(all).every((step) => Math.abs(step - 40) < 0.01)).toBe(true);
    expect((await known(session, ({ decoder }) => decoder !== undefined)).decoderReason).toContain('nvh264dec failed');
  });

  it('is not used for a file that is turned, and says so', async () => {
    const session = await open(await makeClip({ isTurned: true }), {}, 'free', { memory: 'cuda', decoders: onCard });

    const [first] = await frames(session, 1);

    expect(first).toMatchObject({ width: 180, height: 320 });
    expect((await known(session, ({ decoder }) => decoder !== undefined)).decoderReason).toContain('turned');
  });
});
