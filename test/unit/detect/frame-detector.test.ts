import { describe, expect, it } from 'vitest';
import type { Box, Size } from '#domain/box.js';
import type { Detection } from '#domain/detection.js';
import type { Decoder } from '#stages/detect/decoder.js';
import { FrameDetector, type FrameDetectorOptions, type InferencePort } from '#stages/detect/frame-detector.js';

const HD = { width: 1920, height: 1080 };

/** A world of faces: the "network" sees those whose middle lies in the part it is shown, cut to it. */
function world(faces: readonly Detection[], options: Partial<FrameDetectorOptions> = {}) {
  const seen: (Box | undefined)[] = [];
  const inputs: Size[] = [];
  const port: InferencePort = {
    letterbox(crop, input, tensor) {
      expect(tensor).toHaveLength(3 * input.width * input.height);
      seen.push(crop);
      inputs.push(input);
      return { ratio: 0.5, offset: { x: 0, y: 3 } };
    },
    run: (tensor, input) => {
      expect(tensor).toHaveLength(3 * input.width * input.height);
      return Promise.resolve([]);
    },
  };
  const decode: Decoder = (_, { mapping, scoreThreshold }) => {
    expect(mapping).toMatchObject({ ratio: 0.5, offset: { x: 0, y: 3 } });
    const part = seen.at(-1) ?? { x: 0, y: 0, ...HD };
    expect(mapping.origin).toMatchObject({ x: part.x, y: part.y });
    return faces.flatMap((face) => {
      const left = Math.max(face.box.x, part.x);
      const right = Math.min(face.box.x + face.box.width, part.x + part.width);
      return face.score >= scoreThreshold && right > left
        ? [{ ...face, box: { ...face.box, x: left, width: right - left } }]
        : [];
    });
  };
  const detector = new FrameDetector({
    decode,
    inputSize: { multipleOf: 32 },
    inputLongSide: 640,
    scoreThreshold: 0.1,
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
  it('runs once, on an input of the picture’s aspect, and suppresses repeats', async () => {
    const { detector, port, seen, inputs } = world([face(100), face(110, 0.5), face(900, 0.3)]);

    const found = await detector.detect(port, HD, []);

    expect(seen).toEqual([undefined]);
    expect(inputs).toEqual([{ width: 640, height: 384 }]);
    expect(found.map(({ score }) => score)).toEqual([0.9, 0.3]);
  });

  it('keeps a face at the edge and drops what lies outside the picture', async () => {
    const { detector, port } = world([]);
    const atEdge = face(-40);
    const outside = face(2000);
    const decodeEdge = new FrameDetector({
      decode: () => [atEdge, outside],
      inputSize: { width: 64, height: 64 },
      inputLongSide: 640,
      scoreThreshold: 0.1,
      nmsIou: 0.45,
      regions: 'whole',
    });

    expect(await detector.detect(port, HD, [])).toEqual([]);
    expect(await decodeEdge.detect(port, HD, [])).toEqual([atEdge]);
  });

  it('follows a change of the picture’s size', async () => {
    const { detector, port, inputs } = world([]);

    await detector.detect(port, HD, []);
    await detector.detect(port, { width: 640, height: 480 }, []);

    expect(inputs.at(-1)).toEqual({ width: 640, height: 480 });
  });

  it('warms up at the size to come', async () => {
    const { detector } = world([]);
    const shapes: string[] = [];

    await detector.warmUp(
      {
        run: (tensor, input) => {
          shapes.push(`${input.width}×${input.height}: ${tensor.length}`);
          return Promise.resolve([]);
        },
      },
      HD,
    );

    expect(shapes).toEqual(['640×384: 737280']);
  });
});

describe('a model that sees parts of the picture', () => {
  const scheduled = { regions: 'scheduled', inputSize: { width: 256, height: 256 } } as const;

  it('gives each face once and whole, wherever the borders of the parts lie', async () => {
    const faces = [0, 380, 800, 1050, 1400, 1820].map((x) => face(x));
    const { detector, port, inputs } = world(faces, scheduled);

    const found = await detector.detect(port, HD, []);

    expect(found.map(({ box }) => box.x).sort((a, b) => a - b)).toEqual([0, 380, 800, 1050, 1400, 1820]);
    expect(inputs).toEqual(Array(3).fill({ width: 256, height: 256 }));
  });

  it('looks where it is told first, and again where it found somebody', async () => {
    const { detector, port, seen } = world([face(1500), face(900, 0.3)], scheduled);

    await detector.detect(port, HD, []);
    seen.length = 0;
    await detector.detect(port, HD, [face(200).box]);

    expect(seen).toHaveLength(3);
    expect(seen[0]).toEqual({ x: 75, y: 375, width: 350, height: 350 });
    expect(seen[1]).toEqual({ x: 1375, y: 375, width: 350, height: 350 });
  });

  it('does not look twice where a hint and the last find are one', async () => {
    const { detector, port, seen } = world([face(1500)], scheduled);

    await detector.detect(port, HD, []);
    seen.length = 0;
    await detector.detect(port, HD, [face(1510).box]);

    expect(seen.filter((part) => part?.width === 350)).toHaveLength(1);
  });
});
