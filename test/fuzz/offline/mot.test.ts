import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMotFile } from '#src/offline/mot-file.adapter.js';
import { readMotDetections } from '#src/offline/mot-format.js';
import { trackSource } from '#src/offline/track.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyNumber, anyText, editText } from '../harness/junk.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true }));

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const line = fc
  .tuple(
    whole(1, 40),
    whole(-1, 3),
    whole(-50, 2000),
    whole(-50, 1100),
    whole(1, 300),
    whole(1, 300),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map((values) => values.join(','));
const wildLine = fc.array(fc.oneof(anyNumber, anyText), { maxLength: 9 }).map((values) => values.join(','));
const right = fc.array(line, { maxLength: 60 }).map((lines) => lines.join('\n'));
const PIECES = [
  ',',
  '\n',
  '\r',
  ' ',
  '-',
  '1e9',
  '1e300',
  'NaN',
  'Infinity',
  '\0',
  '0x10',
  '999999999',
  '100000',
  '2592000',
  '0',
  '.',
  'é',
  '\ufeff',
  '1,-1,0,0,9,9,1\n'.repeat(600),
];

const file = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(right, anyEdits).map(([text, edits]) => editText(text, edits, PIECES)) },
  { weight: 2, arbitrary: fc.array(fc.oneof(line, wildLine), { maxLength: 20 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: right },
  { weight: 1, arbitrary: anyText },
);
/** Bytes beside the file: those that belong to it, or fewer, or more. */
const embeddings = fc.record({
  wrongBy: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, whole(-64, 64)),
  byte: fc.nat(255),
});

it('a det.txt and an emb.i8 of any kind give tracks, or a mistake with its line', () =>
  fuzz({
    name: 'mot',
    usually: 300,
    inputs: fc.tuple(file, fc.option(embeddings)),
    check: async ([text, beside]) => {
      const path = join(folder, 'det.txt');
      const embeddingsPath = join(folder, 'emb.i8');
      await writeFile(path, text);
      const rows = text.split('\n').filter((each) => each.trim() !== '').length;
      if (beside) await writeFile(embeddingsPath, Buffer.alloc(Math.max(0, 64 * rows + beside.wrongBy), beside.byte));
      try {
        const source = await openMotFile(path, undefined, beside ? embeddingsPath : undefined);
        if (source.fps !== 30) throw new Error('the frame rate came from somewhere');

        const summary = await trackSource(source, { outPath: join(folder, 'out.txt') });

        const sets = readMotDetections(text, { fps: 30, kind: 'face', fileName: 'det.txt' });
        expect(summary.frames).toBe(sets.length);
        expect(sets.reduce((sum, set) => sum + set.detections.length, 0)).toBe(rows);
        expect(summary.detections).toBeLessThanOrEqual(rows);
      } catch (error) {
        if (!(error instanceof DiptychError)) throw error;
        expect(error.code).toBe('DIPTYCH_E_BAD_INPUT');
        expect(error.message.length).toBeLessThan(400);
      }
    },
  }));
