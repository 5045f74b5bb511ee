import { expect } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { GridTick } from '#src/stream/domain/output-grid.js';

/** A source with frames at a rate. */
export interface Source {
  readonly fps: number;
  readonly frames: number;
  readonly phaseMs?: number;
  /** Half width of a uniform jitter, ms. */
  readonly jitterMs?: number;
  readonly seed?: number;
}

/** PTS of its frames, milliseconds, from one second on. */
export function ptsOf({ fps, frames, phaseMs = 0, jitterMs = 0, seed = 1 }: Source): readonly number[] {
  const random = seededRandom(seed);
  return Array.from(
    { length: frames },
    (_, index) => 1000 + phaseMs + (index * 1000) / fps + (random() * 2 - 1) * jitterMs,
  ).sort((a, b) => a - b);
}

/** Every tick is there once, at its time. */
export function expectConstantRate(ticks: readonly GridTick[], fps: number): void {
  const wrong = ticks.filter(
    ({ tick, ptsMs }, index) => tick !== ticks[0]!.tick + index || Math.abs(ptsMs - (tick * 1000) / fps) > 1e-9 * ptsMs,
  );
  expect(wrong).toEqual([]);
}
