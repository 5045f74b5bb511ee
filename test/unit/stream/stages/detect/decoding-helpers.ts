import type { DecodeContext, OutputTensor } from '#src/stream/stages/detect/decoder.js';

export const IDENTITY = { ratio: 1, offset: { x: 0, y: 0 }, origin: { x: 0, y: 0 } };

export const context = (width: number, height: number, over: Partial<DecodeContext> = {}): DecodeContext => ({
  input: { width, height },
  mapping: IDENTITY,
  scoreThreshold: 0.5,
  ...over,
});

export const tensor = (...dims: readonly number[]): OutputTensor => ({
  data: new Float32Array(dims.reduce((product, dim) => product * dim, 1)),
  dims,
});

export const logit = (probability: number): number => Math.log(probability / (1 - probability));
