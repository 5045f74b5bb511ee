import { describe, expect, it } from 'vitest';
import type { AffineMatrix } from '#src/stream/domain/affine-matrix.js';
import { CropEmbedder, type EmbeddingPort } from '#src/stream/stages/reid/crop-embedder.js';
import type { Crop } from '#src/stream/stages/reid/face-quality.js';

const HD = { width: 1920, height: 1080 };
const inputSize = { width: 50, height: 50 };
const points = [
  { x: 16, y: 16 },
  { x: 34, y: 16 },
  { x: 25, y: 26 },
  { x: 17, y: 34 },
  { x: 33, y: 34 },
];

/** A face whose alignment is a shift to `x`, 400 and a scale of 2. */
const faceAt = (x: number, others: Crop['others'] = []): Crop => ({
  box: { x, y: 400, width: 100, height: 100 },
  landmarks: points.map((point) => ({ x: x + 2 * point.x, y: 400 + 2 * point.y })),
  others,
});
const small: Crop = { ...faceAt(0), landmarks: points.map(({ x, y }) => ({ x: x / 4, y: 400 + y / 4 })) };

/** A world where an embedding is its picture's x and the count of its batch, and all is blurred from x = 1000 on. */
class FakePort implements EmbeddingPort {
  readonly matrices: AffineMatrix[] = [];
  readonly batches: number[] = [];

  embed(matrices: readonly AffineMatrix[], minSharpness: number): Promise<readonly (Float32Array | undefined)[]> {
    this.matrices.push(...matrices);
    this.batches.push(matrices.length);
    return Promise.resolve(
      matrices.map(([, , x]) => (minSharpness > 0 && x >= 1000 ? undefined : Float32Array.of(x, matrices.length))),
    );
  }
}

const embedder = () => new CropEmbedder({ inputSize, alignment: { type: 'landmarks', points } });

describe('CropEmbedder', () => {
  it('embeds all good crops in one batch and answers in order', async () => {
    const port = new FakePort();

    const answers = await embedder().embed(port, HD, [faceAt(100), small, faceAt(300), faceAt(1200), faceAt(500)]);

    expect(answers).toEqual([
      { embedding: Float32Array.of(100, 4) },
      { flaw: 'small' },
      { embedding: Float32Array.of(300, 4) },
      { flaw: 'blurred' },
      { embedding: Float32Array.of(500, 4) },
    ]);
    expect(port.batches).toEqual([4]);
  });

  it('brings the landmarks to their places', async () => {
    const port = new FakePort();

    await embedder().embed(port, HD, [faceAt(100)]);

    [2, 0, 100, 0, 2, 400].forEach((value, i) => expect(port.matrices[0]![i]).toBeCloseTo(value, 9));
  });

  it('runs nothing where no crop is good enough', async () => {
    const port = new FakePort();

    const answers = await embedder().embed(port, HD, [small, faceAt(100, [faceAt(120).box])]);

    expect(answers).toEqual([{ flaw: 'small' }, { flaw: 'covered' }]);
    expect(port.batches).toEqual([]);
    expect(await embedder().embed(port, HD, [])).toEqual([]);
  });

  it('cuts many crops into batches', async () => {
    const port = new FakePort();
    const crops = Array.from({ length: 11 }, (_, i) => faceAt(100 + 50 * i));

    const answers = await embedder().embed(port, HD, crops);

    expect(port.batches).toEqual([8, 3]);
    expect(answers.map((answer) => ('embedding' in answer ? Math.round(answer.embedding[0]!) : answer.flaw))).toEqual(
      crops.map(({ box }) => box.x),
    );
  });

  it('stretches boxes for models that need no landmarks, and does not ask about blur', async () => {
    const port = new FakePort();
    const person = new CropEmbedder({ inputSize, alignment: { type: 'box' } });

    const answers = await person.embed(port, HD, [{ box: { x: 1100, y: 0, width: 100, height: 200 }, others: [] }]);

    expect(answers).toEqual([{ embedding: Float32Array.of(1100, 1) }]);
    expect(port.matrices).toEqual([[2, 0, 1100, 0, 4, 0]]);
  });
});
