import { describe, expect, it } from 'vitest';
import { PtsSmoother } from '#src/stream/stages/ingest/pts-smoother.js';

const PERIOD_MS = 1000 / 30;

const smooth = (ptsMs: readonly number[]): number[] => {
  const smoother = new PtsSmoother();
  return ptsMs.map((pts) => smoother.smooth(pts));
};
const even = (count: number, offset: (index: number) => number = () => 0): number[] =>
  Array.from({ length: count }, (_, index) => index * PERIOD_MS + offset(index));
const steps = (ptsMs: readonly number[]): number[] => ptsMs.slice(1).map((pts, index) => pts - (ptsMs[index] ?? 0));

describe('PtsSmoother', () => {
  it('leaves even time stamps as they are', () => {
    const pts = even(100);

    smooth(pts).forEach((each, index) => expect(each).toBeCloseTo(pts[index] ?? 0, 6));
  });

  it('evens out the pattern of a decoder that lost count', () => {
    // 0, 33, 33, 67 ms: two frames of four are a period late.
    const confused = even(400, (index) => (index % 4 < 2 ? 0 : PERIOD_MS) + index / 1000);

    const settled = smooth(confused).slice(200);

    expect(Math.max(...steps(settled).map((step) => Math.abs(step - PERIOD_MS)))).toBeLessThan(1);
    settled.forEach((each, index) => expect(Math.abs(each - (confused[index + 200] ?? 0))).toBeLessThan(PERIOD_MS));
  });

  it('spreads a correction of 20 ms over many frames', () => {
    const corrected = even(250, (index) => (index < 100 ? 0 : 20));

    const result = smooth(corrected);

    expect(Math.max(...steps(result))).toBeLessThan(PERIOD_MS + 0.5);
    expect(Math.abs((result.at(-1) ?? 0) - (corrected.at(-1) ?? 0))).toBeLessThan(5);
  });

  it('follows a camera whose clock is fast by 200 ppm', () => {
    const fast = even(20_000, (index) => index * PERIOD_MS * 200e-6);

    const result = smooth(fast);

    expect(Math.abs((result.at(-1) ?? 0) - (fast.at(-1) ?? 0))).toBeLessThan(1);
  });

  it('follows a pause at once, and a lost frame in seconds', () => {
    const paused = even(100, (index) => (index < 40 ? 0 : 5000));
    const lossy = even(240).filter((_, index) => index !== 40);

    expect(smooth(paused)[40]).toBeCloseTo(paused[40] ?? 0, 6);
    expect(Math.abs((smooth(lossy).at(-1) ?? 0) - (lossy.at(-1) ?? 0))).toBeLessThan(5);
  });

  it('follows a new frame rate', () => {
    const slower = [...even(60), ...Array.from({ length: 90 }, (_, index) => 60 * PERIOD_MS + index * 2 * PERIOD_MS)];

    const settled = steps(smooth(slower).slice(110));

    for (const step of settled) expect(Math.abs(step - 2 * PERIOD_MS)).toBeLessThan(1);
  });

  it.each([
    { name: '25 → 5 → 25', plan: [25, 5, 25] },
    { name: '25 → 12.5 → 25', plan: [25, 12.5, 25] },
    { name: '30 → 25 → 30', plan: [30, 25, 30] },
    { name: '10 → 60 → 10', plan: [10, 60, 10] },
    { name: '60 → 1 → 60', plan: [60, 1, 60] },
  ])('stays within 40 ms of the source through $name frames a second', ({ plan }) => {
    const pts = [0];
    for (const fps of plan) for (let n = 0; n < 15 * fps; n += 1) pts.push((pts.at(-1) ?? 0) + 1000 / fps);

    const off = smooth(pts).map((each, index) => Math.abs(each - (pts[index] ?? 0)));

    expect(Math.max(...off)).toBeLessThan(40);
    expect(off.at(-1)).toBeLessThan(2);
  });

  it.each([5000, -5000])('follows a camera whose clock is off by %i ppm, for ten minutes', (ppm) => {
    const pts = Array.from({ length: 15_000 }, (_, index) => index * 40 * (1 + ppm / 1e6));

    const off = smooth(pts).map((each, index) => Math.abs(each - (pts[index] ?? 0)));

    expect(Math.max(...off)).toBeLessThan(1);
  });

  it('is back within half a second of a lost frame', () => {
    const lossy = Array.from({ length: 500 }, (_, index) => (index < 200 ? index : index + 1) * 40);

    const off = smooth(lossy).map((each, index) => Math.abs(each - (lossy[index] ?? 0)));

    expect(Math.max(...off)).toBeLessThan(40);
    expect(Math.max(...off.slice(200 + 13))).toBeLessThan(1);
  });

  it('never steps back', () => {
    const jittery = even(300, (index) => ((index * 7919) % 31) * 1.05);
    const rising = jittery.map((pts, index) => Math.max(pts, (jittery[index - 1] ?? -1) + 0.001)).sort((a, b) => a - b);
    const early = [...even(50, () => 400), ...Array.from({ length: 200 }, (_, index) => 49 * PERIOD_MS + 401 + index)];

    for (const list of [rising, early]) expect(Math.min(...steps(smooth(list)))).toBeGreaterThan(0);
  });
});
