import { describe, expect, it } from 'vitest';
import { countedUnits, takenUnits, usedUnits } from '#src/gateway/cluster/counted-units.js';
import { WatchedCluster } from '#src/gateway/cluster/watched-cluster.js';

const key = (name: string, value: object, revision = 1) => ({
  ...{ key: name, value: JSON.stringify(value), created: 1, revision },
});
const cluster = (...keys: ReturnType<typeof key>[]): WatchedCluster => {
  const view = new WatchedCluster();
  view.reset(keys);
  return view;
};

describe('what a stream counts', () => {
  it.each([
    ['as estimated where it never was measured', 0.5, undefined, 0.5],
    ['as measured', 0.5, { units: 1.3, estimate: 0.5, epoch: 1 }, 1.3],
    ['as measured, larger by as much as its configuration', 2, { units: 0.6, estimate: 0.5, epoch: 1 }, 2.4],
  ])('is counted %s', (_what, units, need, counted) => {
    expect(countedUnits({ units }, need)).toBe(counted);
  });
});

describe('what is taken of a host', () => {
  const HOST = key('hosts/a', { url: 'http://a', units: 8, version: '1', beside: 0.5 });
  const CAMERA = key('streams/camera', { units: 1 });

  it.each([
    ['a claim, as estimated', [HOST, CAMERA, key('claims/camera', { host: 'a' }, 5)], { used: 1.5, reserved: 1 }],
    [
      'a claim that was measured on another host',
      [HOST, CAMERA, key('claims/camera', { host: 'a' }, 5), key('needs/camera', { units: 3, estimate: 1, epoch: 4 })],
      { used: 3.5, reserved: 3 },
    ],
    [
      'a claim that was measured here',
      [HOST, CAMERA, key('claims/camera', { host: 'a' }, 5), key('needs/camera', { units: 3, estimate: 1, epoch: 5 })],
      { used: 3.5, reserved: 0 },
    ],
    [
      'of a host of a version that measures nothing',
      [key('hosts/a', { url: 'http://a', units: 8, version: '0' }), CAMERA, key('claims/camera', { host: 'a' }, 5)],
      { used: 1, reserved: 1 },
    ],
    [
      'a measurement that cannot be read',
      [HOST, CAMERA, key('claims/camera', { host: 'a' }, 5), key('needs/camera', { units: 'much' })],
      { used: 1.5, reserved: 1 },
    ],
  ])('is %s', (_what, keys, taken) => {
    expect(usedUnits(cluster(...keys)).get('a')).toEqual(taken);
  });

  it('is kept free for what is to move there, as it was measured', () => {
    const view = cluster(
      ...[HOST, CAMERA, key('claims/camera', { host: 'b' }, 5)],
      ...[key('needs/camera', { units: 3, estimate: 1, epoch: 5 }), key('moves/camera', { to: 'a' })],
    );

    expect(takenUnits(view).get('a')).toBe(3.5);
  });
});
