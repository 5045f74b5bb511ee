import { expect, it } from 'vitest';
import { BusMeter } from '#src/stream/backend/gpu/bus-meter.js';

const traffic = (frame: number, result: number) => ({
  toDevice: { frame, result, setup: 1e9 },
  toHost: { frame: 2 * frame, result, setup: 1e9 },
});

it('tells bytes of each frame between two readings, without set-up', () => {
  const count = { frames: 0 };
  const meter = new BusMeter(count);

  expect(meter.read(traffic(0, 0))).toBeUndefined();
  count.frames = 10;
  expect(meter.read(traffic(1000, 50))).toEqual({ toDevice: 105, toHost: 205 });
  expect(meter.read(traffic(5000, 50))).toEqual({ toDevice: 105, toHost: 205 });
  count.frames = 20;
  expect(meter.read(traffic(3000, 50))).toEqual({ toDevice: 200, toHost: 400 });
});
