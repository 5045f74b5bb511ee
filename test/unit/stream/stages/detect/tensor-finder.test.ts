import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { TensorFinder, type InferencePort } from '#src/stream/stages/detect/tensor-finder.js';

const input = { width: 64, height: 32 };
const part: Box = { x: 100, y: 50, width: 200, height: 100 };

/** A network that says what the first number of its tensor is, a moment later. */
function world(onRun: () => void = () => undefined) {
  const shown: number[] = [];
  const port: InferencePort = {
    letterbox(crop, { width, height }, tensor) {
      expect(tensor).toHaveLength(3 * width * height);
      tensor[0] = crop?.x ?? -1;
      return { ratio: 0.5, offset: { x: 0, y: 3 } };
    },
    async run(tensor) {
      onRun();
      await Promise.resolve();
      shown.push(tensor[0]!);
      return [{ data: tensor.slice(0, 1), dims: [1] }];
    },
  };
  const finder = new TensorFinder({
    scoreThreshold: 0.3,
    decode: ([output], { input: size, mapping, scoreThreshold }) => {
      expect(size).toEqual(input);
      return [
        {
          box: { ...mapping.origin, width: output!.data[0]!, height: mapping.offset.y / mapping.ratio },
          score: scoreThreshold,
          kind: 'face',
        },
      ];
    },
  });
  return { finder, port, shown };
}

describe('TensorFinder', () => {
  it('decodes what the network says, with the mapping of the part', async () => {
    const { finder, port } = world();

    expect(await finder.in(port).find(part, input)).toEqual([
      { box: { x: 100, y: 50, width: 100, height: 6 }, score: 0.3, kind: 'face' },
    ]);
    expect(await finder.in(port).find(undefined, input)).toMatchObject([{ box: { x: 0, y: 0, width: -1 } }]);
  });

  it('searches parts that are asked for together one after the other', async () => {
    const { finder, port, shown } = world();

    const found = await Promise.all([1, 2, 3].map((x) => finder.in(port).find({ ...part, x }, input)));

    expect(found.map(([find]) => find!.box.width)).toEqual([1, 2, 3]);
    expect(shown).toEqual([1, 2, 3]);
  });

  it('reports a failure to its own caller and goes on', async () => {
    let runs = 0;
    const { finder, port } = world(() => {
      runs += 1;
      if (runs === 1) throw new Error('no memory');
    });

    const [first, second] = await Promise.allSettled([1, 2].map((x) => finder.in(port).find({ ...part, x }, input)));

    expect(first).toMatchObject({ status: 'rejected', reason: new Error('no memory') });
    expect(second).toMatchObject({ status: 'fulfilled', value: [{ box: { width: 2 } }] });
  });

  it('warms up with an empty picture of the input’s size', async () => {
    const { finder } = world();
    const lengths: number[] = [];

    await finder.warmUp((tensor) => {
      lengths.push(tensor.length);
      return Promise.resolve([]);
    }, input);

    expect(lengths).toEqual([3 * 64 * 32]);
  });
});
