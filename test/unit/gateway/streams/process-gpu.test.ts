import { expect, it } from 'vitest';
import { processGpu } from '#src/gateway/streams/process-gpu.js';
import { gatewaySchema } from '#src/shared/config/schema.js';

it.each([
  { streamsPerProcess: 1, seesOne: false, expected: { device: 2, isShared: false } },
  { streamsPerProcess: 2, seesOne: false, expected: { device: 2, isShared: true } },
  { streamsPerProcess: 64, seesOne: true, expected: { device: 0, isShared: true } },
])('tells a process of $streamsPerProcess streams, that sees one GPU: $seesOne', ({ expected, seesOne, ...own }) => {
  const config = gatewaySchema.parse({ ...own, gpu: { device: 2, precision: 'fp32' } });

  expect(processGpu(config, { seesOne })).toEqual({ ...config.gpu, ...expected });
});
