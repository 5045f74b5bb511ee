import { expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import { detectPeopleOptions } from '#src/stream/pipeline-options.js';
import { timedBackend } from '#src/stream/monitor/timed-backend.js';
import type { ChainBackend, ChainParts } from '#src/stream/pipeline-options.js';

/** The options of a chain whose detector saves time or does not, as a stream makes them. */
function detectOptionsOf(isThrifty: boolean | undefined) {
  const untimed = { detector: { model: 'a', reason: '', isThrifty }, artwork: {} } as unknown as ChainBackend;
  const addon = {
    frameInfo: () => ({ width: 32, height: 16, memory: 'system' }),
    lumaSketch: () => new Uint8Array([8, 9]),
    lumaMeans: (_: number, step: number) => new Uint8Array([step, 2]),
  } as unknown as ChainParts['addon'];
  const backend = timedBackend(untimed, () => undefined);
  const config = streamSchema.parse({ source: { url: 'test:' } });
  return detectPeopleOptions({ config, backend, addon, pace: { answers: 'later' } }).detect;
}

it('watches calm scenes between detections by means of squares, where the detector saves time', () => {
  const { sketch } = detectOptionsOf(true);

  expect(sketch?.({ handle: 1, width: 640, height: 320 })).toEqual({
    sketch: { luma: new Uint8Array([4, 2]), columns: 160 },
    step: 4,
  });
});

it.each([false, undefined])('detects at the full rate where it does not: %s', (isThrifty) => {
  expect(detectOptionsOf(isThrifty).sketch).toBeUndefined();
});
