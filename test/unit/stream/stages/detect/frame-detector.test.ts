import { describe, expect, it } from 'vitest';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { FrameDetector, type CropPort, type FrameDetectorOptions } from '#src/stream/stages/detect/frame-detector.js';

const HD = { width: 1920, height: 1080 };

/** A world of faces: the "network" sees those whose middle lies in the part it is shown, cut to it. */
function world(faces: readonly Detection[], options: Partial<FrameDetectorOptions> = {}) {
  const seen: (Box | undefined)[] = [];
  const inputs: Size[] = [];
  const port: CropPort = {
    find(crop, input) {
      seen.push(crop);
      inputs.push(input);
      const part = crop ?? { x: 0, y: 0, ...HD };
      return Promise.resolve(
        faces.flatMap((face) => {
          const left = Math.max(face.box.x, part.x);
          const right = Math.min(face.box.x + face.box.width, part.x + part.width);
          return right > left ? [{ ...face, box: { ...face.box, x: left, width: right - left } }] : [];
        }),
      );
    },
  };
  const detector = new FrameDetector({
    inputSize: { multipleOf: 32 },
    inputLongSide: 640,
    nmsIou: 0.45,
    regions: 'whole',
    ...options,
  });
  return { detector, port, seen, inputs };
}

const face = (x: number, score = 0.9, side = 100): Detection => ({
  box: { x, y: 500, width: side, height: side },
  score,
  kind: 'face',
});

describe('a model that sees the whole picture', () => {
  it('finds known faces that are near in a smaller input, where nothing else changes', async () => {
    const luma = new Uint8Array(160 * 90);
    const sketchOf: CropPort['sketchOf'] = () => ({ luma, columns: 160 });
    const widths = async (options: Partial<FrameDetectorOptions>, score = 0.9): Promise<readonly number[]> => {
      const { detector, port, inputs } = world([face(900, score, 240)], options);
      for (let turn = 0; turn < 12; turn += 1) await detector.detect({ ...port, sketchOf }, HD, [], 66 * turn);
      return inputs.map(({ width }) => width);
    };

    const [full, small] = [640, 320];
    const first = Array<number>(4).fill(full);
    expect(await widths({ knownLongSide: small })).toEqual([...first, ...Array<number>(6).fill(small), full, small]);
    expect(await widths({ knownLongSide: small }, 0.6)).toEqual(Array<number>(12).fill(full));
    expect(await widths({})).toEqual(Array<number>(12).fill(full));
  });

  it('runs once, on an input of the picture’s aspect, and suppresses repeats', async () => {
    const { detector, port, seen, inputs } = world([face(100), face(110, 0.5), face(900, 0.3)]);

    const found = await detector.detect(port, HD, []);

    expect(seen).toEqual([undefined]);
    expect(inputs).toEqual([{ width: 640, height: 384 }]);
    expect(found.map(({ score }) => score)).toEqual([0.9, 0.3]);
  });

  it('keeps a face at the edge and drops what lies outside the picture', async () => {
    const { detector } = world([]);
    const atEdge = face(-40);
    const port: CropPort = { find: () => Promise.resolve([atEdge, face(2000)]) };

    expect(await detector.detect(port, HD, [])).toEqual([atEdge]);
  });

  it('follows a change of the picture’s size', async () => {
    const { detector, port, inputs } = world([]);

    await detector.detect(port, HD, []);
    await detector.detect(port, { width: 640, height: 480 }, []);

    expect(inputs.at(-1)).toEqual({ width: 640, height: 480 });
  });
});

describe('a model that sees parts of the picture', () => {
  const scheduled = { regions: 'scheduled', inputSize: { width: 256, height: 256 } } as const;

  it('gives each face once and whole, whatever the borders of the regions', async () => {
    const faces = [0, 380, 800, 1050, 1400, 1820].map((x) => face(x));
    const { detector, port, inputs } = world(faces, scheduled);

    const found = await detector.detect(port, HD, []);

    expect(found.map(({ box }) => box.x).sort((a, b) => a - b)).toEqual([0, 380, 800, 1050, 1400, 1820]);
    expect(inputs).toEqual(Array(3).fill({ width: 256, height: 256 }));
  });

  it('searches at the hints first, and again at the last detections', async () => {
    const { detector, port, seen } = world([face(1500), face(900, 0.3)], scheduled);

    await detector.detect(port, HD, []);
    seen.length = 0;
    await detector.detect(port, HD, [face(200).box]);

    expect(seen).toHaveLength(3);
    expect(seen[0]).toEqual({ x: 75, y: 375, width: 350, height: 350 });
    expect(seen[1]).toEqual({ x: 1375, y: 375, width: 350, height: 350 });
  });

  it('searches at a smaller input who was found without doubt just now', async () => {
    const { detector, port, inputs } = world([face(300, 0.9), face(1500, 0.7)], {
      ...scheduled,
      inputSize: { multipleOf: 32 },
      inputLongSide: 256,
    });

    await detector.detect(port, HD, []);
    inputs.length = 0;
    await detector.detect(port, HD, [face(305).box, face(1500).box]);

    expect(inputs.slice(0, 2)).toEqual([
      { width: 96, height: 96 },
      { width: 256, height: 256 },
    ]);
  });

  it('searches once where a hint and the last detection overlap', async () => {
    const { detector, port, seen } = world([face(1500)], scheduled);

    await detector.detect(port, HD, []);
    seen.length = 0;
    await detector.detect(port, HD, [face(1510).box]);

    expect(seen.filter((part) => part?.width === 350)).toHaveLength(1);
  });

  it('asks for all parts at once, so that they can share a run', async () => {
    const { detector } = world([], scheduled);
    let waiting = 0;
    const port: CropPort = {
      find: async () => {
        waiting += 1;
        // Nobody is answered before the last has asked.
        while (waiting < 3) await Promise.resolve();
        return [];
      },
    };

    expect(await detector.detect(port, HD, [])).toEqual([]);
  });
});
