import { expect, it } from 'vitest';
import { decodeResidency, encodeResidency } from '#src/stream/monitor/frame-residency.js';

it.each([
  ['cuda', 'cuda', 'nvh264dec leaves its pictures on the GPU (fast)'],
  ['system', 'cuda', 'nvh264dec leaves its pictures in system memory; each is uploaded once (fast)'],
  ['system', 'system', 'nvh264dec leaves its pictures in system memory (fast)'],
] as const)('says of decoding to %s memory for %s', (memory, backend, reason) => {
  const residency = decodeResidency(memory, backend, { element: 'nvh264dec', reason: 'fast' });

  expect(residency).toEqual({ stage: 'decode', memory, reason });
});

it.each([
  ['cuda', 'cuda', 'x264enc takes pictures on the GPU'],
  ['system', 'cuda', 'x264enc takes pictures from system memory: each composed one is downloaded once'],
  ['system', 'system', 'x264enc takes pictures from system memory'],
] as const)('says of encoding from %s memory for %s', (memory, backend, reason) => {
  expect(encodeResidency(memory, backend, { element: 'x264enc' })).toEqual({ stage: 'encode', memory, reason });
});
