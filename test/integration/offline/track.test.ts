import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchIdentity } from '#src/bench/identity.js';
import { openMotFile } from '#src/offline/mot-file.adapter.js';
import { trackSource } from '#src/offline/track.js';

const FRAMES = 240;
const LENGTH = 64;
const HIDDEN = { from: 110, to: 130 };

let folder: string;
const inFolder = (name: string): string => join(folder, name);

/**
 * Two people meet at 600, the left one is hidden behind the other for 20 frames, and they go back;
 * afterwards the tracker of old takes each for the other.
 */
async function writeMeeting(): Promise<void> {
  const lines: string[] = [];
  const truth: string[] = [];
  const embeddings: number[] = [];
  for (let frame = 1; frame <= FRAMES; frame += 1) {
    const apart = Math.max(18, Math.min(400, 12 * Math.max(HIDDEN.from - frame, frame - HIDDEN.to)));
    for (const [who, x] of [600 - apart, 600 + apart].entries()) {
      const isHidden = who === 0 && frame >= HIDDEN.from && frame <= HIDDEN.to;
      truth.push(`${frame},${who + 1},${x},200,100,125,${isHidden ? 0 : 1},${isHidden ? 8 : 1},${isHidden ? 0.1 : 1}`);
      if (isHidden) continue;
      lines.push(`${frame},-1,${x + (frame % 3)},200,100,125,0.9,-1,-1,-1`);
      for (let index = 0; index < LENGTH; index += 1) {
        const own = index % 2 === who ? 100 : 5;
        embeddings.push(own + ((frame * 7 + index * 13) % 11));
      }
    }
  }
  await writeFile(inFolder('det.txt'), `${lines.join('\n')}\n`);
  await writeFile(inFolder('gt.txt'), `${truth.join('\n')}\n`);
  await writeFile(inFolder('emb.i8'), Int8Array.from(embeddings));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-track-'));
  await writeMeeting();
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('diptych track', () => {
  it('writes MOT rows, events and a summary, and keeps identities', async () => {
    const source = await openMotFile(inFolder('det.txt'), 30, inFolder('emb.i8'));

    const summary = await trackSource(source, { outPath: inFolder('out.txt'), eventsPath: inFolder('events.jsonl') });

    const rows = (await readFile(inFolder('out.txt'), 'utf8')).trim().split('\n');
    const last = rows.filter((row) => row.startsWith(`${FRAMES},`)).map((row) => row.split(',').map(Number));
    expect(last.map(([, id, x]) => ({ id, side: x! < 600 ? 'left' : 'right' }))).toEqual(
      expect.arrayContaining([
        { id: idAt(rows, 1, 'left'), side: 'left' },
        { id: idAt(rows, 1, 'right'), side: 'right' },
      ]),
    );
    const events = (await readFile(inFolder('events.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; frame: number });
    expect(events.map(({ name }) => name)).toContain('swap_suspected');
    expect(summary.frames).toBe(FRAMES);
    expect(summary.detections).toBeGreaterThan(FRAMES);
    expect(summary.reid.computed).toBeGreaterThan(5);
    expect(summary.reid.activationRatio).toBeLessThan(0.1);
    expect(summary.reid.activationRatio).toBeCloseTo(summary.reid.computed / summary.detections, 9);
    expect(summary.msPerFrame.p95).toBeGreaterThanOrEqual(summary.msPerFrame.p50);
  });

  it('gives the same result every time', async () => {
    for (const name of ['a.txt', 'b.txt']) {
      const source = await openMotFile(inFolder('det.txt'), 30, inFolder('emb.i8'));
      await trackSource(source, { outPath: inFolder(name) });
    }

    expect(await readFile(inFolder('a.txt'), 'utf8')).toBe(await readFile(inFolder('b.txt'), 'utf8'));
  });

  it('is the published tracker without appearance', async () => {
    const source = await openMotFile(inFolder('det.txt'), 30);

    const { reid } = await trackSource(source, { outPath: inFolder('out.txt') });

    expect(reid).toEqual({ computed: 0, activationRatio: 0, swapsSuspected: 0, swapsCorrected: 0 });
  });

  it('takes the frame rate from seqinfo.ini where nobody names one', async () => {
    await writeFile(inFolder('seqinfo.ini'), '[Sequence]\nname=x\nframeRate=25\n');

    expect((await openMotFile(inFolder('det.txt'))).fps).toBe(25);
    expect((await openMotFile(inFolder('det.txt'), 50)).fps).toBe(50);
  });

  it.each([
    { name: 'no such file', open: () => openMotFile(inFolder('none.txt')), code: 'DIPTYCH_E_USAGE' },
    {
      name: 'embeddings of another file',
      open: async () => {
        await writeFile(inFolder('short.i8'), Buffer.alloc(640));
        return openMotFile(inFolder('det.txt'), 30, inFolder('short.i8'));
      },
      code: 'DIPTYCH_E_BAD_INPUT',
    },
    {
      name: 'appearance asked for where there is none',
      open: async () =>
        trackSource(await openMotFile(inFolder('det.txt')), { outPath: inFolder('o.txt'), reid: 'always' }),
      code: 'DIPTYCH_E_USAGE',
    },
    {
      name: 'an output that cannot be written',
      open: async () => trackSource(await openMotFile(inFolder('det.txt')), { outPath: join(folder, 'no', 'o.txt') }),
      code: 'DIPTYCH_E_USAGE',
    },
  ])('refuses $name', async ({ open, code }) => {
    await expect(open()).rejects.toMatchObject({ code });
  });
});

describe('benchIdentity', () => {
  it('scores a suite beside the published tracker', async () => {
    const run = 'meeting-s01';
    const suite = { sequences: ['.'], length: { '.': FRAMES }, fps: { '.': 30 }, name: run };
    await writeFile(inFolder('suite.json'), JSON.stringify(suite));

    const { total, met, cost } = await benchIdentity(folder);

    expect(total.runs).toBe(1);
    expect(total.idf1).toBeGreaterThan(97);
    expect(total.lastingSwaps).toBe(0);
    expect(total.freshIds).toBe(0);
    expect(total.slotRightRatio).toBe(1);
    expect(met['idf1']).toBe(true);
    expect(cost.map(({ people }) => people)).toEqual([2, 50]);
  });

  it('says what it needs', async () => {
    await expect(benchIdentity(inFolder('nowhere'))).rejects.toMatchObject({ code: 'DIPTYCH_E_USAGE' });
  });
});

function idAt(rows: readonly string[], frame: number, side: 'left' | 'right'): number | undefined {
  const row = rows
    .filter((line) => line.startsWith(`${frame},`))
    .map((line) => line.split(',').map(Number))
    .find(([, , x]) => x! < 600 === (side === 'left'));
  return row?.[1];
}
