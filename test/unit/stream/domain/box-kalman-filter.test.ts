import { describe, expect, it } from 'vitest';
import { center } from '#src/shared/domain/box.js';
import { BoxKalmanFilter } from '#src/stream/domain/box-kalman-filter.js';

const boxAt = (x: number, height = 100): { x: number; y: number; width: number; height: number } => ({
  x,
  y: 50,
  width: 80,
  height,
});

/** A filter that has followed a box moving `speedPx` a step. */
function walking(speedPx: number, steps = 40): BoxKalmanFilter {
  const filter = new BoxKalmanFilter(boxAt(0));
  for (let step = 1; step <= steps; step += 1) {
    filter.predict(1);
    filter.update(boxAt(step * speedPx));
  }
  return filter;
}

/** What it moves in one step. */
function speedOf(filter: BoxKalmanFilter): { x: number; y: number } {
  const [now, next] = [center(filter.box()), center(filter.box(1))];
  return { x: next.x - now.x, y: next.y - now.y };
}

describe('BoxKalmanFilter', () => {
  it('starts with the first box', () => {
    const box = new BoxKalmanFilter(boxAt(10)).box();

    expect(box).toEqual(boxAt(10));
  });

  // Worked by hand from the published matrices: P = diag(10², …, 6.25²), Q = diag(5², …, 0.625²), R = 5².
  it('gives the published first correction', () => {
    const filter = new BoxKalmanFilter(boxAt(0));
    filter.predict(1);
    filter.update(boxAt(10));

    const variance = 10 ** 2 + 6.25 ** 2 + 5 ** 2;
    expect(filter.box().x).toBeCloseTo((10 * variance) / (variance + 5 ** 2), 9);
    expect(speedOf(filter).x).toBeCloseTo((10 * 6.25 ** 2) / (variance + 5 ** 2), 9);
  });

  it('learns a constant velocity and predicts with it', () => {
    const filter = walking(6);

    expect(speedOf(filter).x).toBeCloseTo(6, 1);
    expect(filter.box(10).x - filter.box().x).toBeCloseTo(60, 0);
    expect(speedOf(filter).y).toBeCloseTo(0, 9);
  });

  it.each([
    { name: 'two halves', parts: [0.5, 0.5], whole: 1 },
    { name: 'three frames', parts: [1, 1, 1], whole: 3 },
    { name: 'uneven parts', parts: [0.2, 1.7, 0.6], whole: 2.5 },
  ])('predicts the same whatever the steps: $name', ({ parts, whole }) => {
    const cut = walking(4);
    const once = walking(4);

    for (const part of parts) cut.predict(part);
    once.predict(whole);
    cut.update(boxAt(190));
    once.update(boxAt(190));

    expect(cut.box().x).toBeCloseTo(once.box().x, 6);
    expect(speedOf(cut).x).toBeCloseTo(speedOf(once).x, 6);
    expect(cut.innovationStd()).toBeCloseTo(once.innovationStd(), 6);
  });

  it('predicts a box without changing the state', () => {
    const filter = walking(5);
    const before = filter.box();

    filter.box(20);

    expect(filter.box()).toEqual(before);
  });

  it('keeps the size of a person out of sight', () => {
    const filter = new BoxKalmanFilter(boxAt(0));
    for (let step = 1; step <= 20; step += 1) {
      filter.predict(1);
      filter.update(boxAt(0, 100 + 3 * step));
    }
    const { height } = filter.box();

    expect(filter.box(10).height).toBeGreaterThan(height + 10);
    filter.holdSize();
    expect(filter.box(10).height).toBe(height);
  });

  it('never predicts a box without size', () => {
    const filter = new BoxKalmanFilter(boxAt(0));
    for (let step = 1; step <= 9; step += 1) {
      filter.predict(1);
      filter.update(boxAt(0, 100 - 10 * step));
    }

    expect(filter.box(100).height).toBe(1);
    expect(filter.box(100).width).toBeGreaterThanOrEqual(1);
  });

  it('moves with the camera', () => {
    const filter = walking(3);
    const { x, y } = filter.box();

    filter.translate(25, -5);

    expect(filter.box()).toMatchObject({ x: x + 25, y: y - 5 });
  });
});
