import { describe, expect, it } from 'vitest';
import { Placement } from '#src/gateway/cluster/placement.js';
import { seededRandom } from '#src/shared/random.js';
import { WatchedCluster } from '#src/gateway/cluster/watched-cluster.js';

const key = (name: string, value: object) => ({ key: name, value: JSON.stringify(value), created: 1, revision: 1 });
const host = (id: string, units: number) => key(`hosts/${id}`, { url: `http://${id}`, units, version: '1' });
const cluster = (...keys: ReturnType<typeof key>[]): WatchedCluster => {
  const view = new WatchedCluster();
  view.reset(keys);
  return view;
};
const placementOf = (view: WatchedCluster): Placement => new Placement(view, { hostId: 'none', units: 0 });
const CAMERA = { id: 'camera', units: 1, revision: 1 };

describe('why a stream is pending', () => {
  it.each([
    ['no host is there', [], 'no host is there'],
    ['all are drained', [host('a', 4), key('draining/a', {})], 'every host is being drained'],
    ['one has room', [host('a', 1)], undefined],
    [
      'none has room',
      [host('a', 1), host('b', 1), key('claims/x', { host: 'a' }), key('claims/y', { host: 'b' })],
      'no room: it needs 1 unit (estimated), and none of 2 hosts has more than 0 free',
    ],
    [
      'the others are drained',
      [host('a', 1), host('b', 9), key('claims/x', { host: 'a' }), key('draining/b', {})],
      'no room: it needs 1 unit (estimated), and none of 1 hosts has more than 0 free; 1 more are being drained',
    ],
    [
      'it takes more than was estimated',
      [host('a', 3), key('claims/x', { host: 'a' }), key('needs/camera', { units: 2.4, estimate: 1, epoch: 1 })],
      'no room: it needs 2.4 units (measured), and none of 1 hosts has more than 2 free',
    ],
    [
      'hosts are full by what was measured, not by their count of streams',
      [host('a', 8), key('claims/x', { host: 'a' }), key('needs/x', { units: 7.6, estimate: 1, epoch: 1 })],
      'no room: it needs 1 unit (estimated), and none of 1 hosts has more than 0.4 free',
    ],
    ['one is empty and too small', [host('a', 0.5)], undefined],
  ])('says it where %s', (_what, keys, reason) => {
    expect(placementOf(cluster(...keys)).pendingReason(CAMERA)).toBe(reason);
  });
});

describe('the order of hosts', () => {
  it('begins with the most free units', () => {
    const placement = placementOf(cluster(host('a', 4), host('b', 7), key('claims/x', { host: 'b' })));

    expect([placement.rankOf('a', CAMERA), placement.rankOf('b', CAMERA)]).toEqual([1, 0]);
  });

  it('counts what was never measured twice, though not for what a host has room for', () => {
    const claims = [key('claims/x', { host: 'a' }), key('claims/y', { host: 'b' })];
    const streams = [key('streams/x', { units: 2 }), key('streams/y', { units: 2 })];
    const known = key('needs/x', { units: 2.5, estimate: 2, epoch: 1 });
    const placement = placementOf(cluster(host('a', 4), host('b', 4), ...claims, ...streams, known));

    expect([placement.rankOf('a', CAMERA), placement.rankOf('b', CAMERA)]).toEqual([0, 1]);
    expect(placement.rankOf('b', { ...CAMERA, units: 2 })).toBe(0);
  });

  it('is one and the same wherever it is asked, by whatever was measured', () => {
    const random = seededRandom(5);
    const ids = Array.from({ length: 12 }, (_, index) => `host-${index}`);
    const hosts = ids.map((id) => host(id, 4 + Math.floor(random() * 4)));
    const claims = Array.from({ length: 30 }, (_, index) => {
      const id = ids[Math.floor(random() * ids.length)]!;
      return [
        key(`claims/c-${index}`, { host: id }),
        key(`needs/c-${index}`, { units: random() * 2, estimate: 1, epoch: 1 }),
      ];
    });
    // Told in another order, as another host is.
    const views = [cluster(...hosts, ...claims.flat()), cluster(...claims.flat().reverse(), ...hosts.reverse())];

    const orders = views.map((view) => ids.map((id) => placementOf(view).rankOf(id, CAMERA)));

    const ranked = orders[0]!.filter((rank) => rank !== undefined);
    expect(orders[1]).toEqual(orders[0]);
    expect(ranked.length).toBeGreaterThan(5);
    expect([...ranked].sort((a, b) => a - b)).toEqual(ranked.map((_, index) => index));
  });

  it('leaves out who has no room', () => {
    const placement = placementOf(cluster(host('a', 4), host('b', 1), key('claims/x', { host: 'b' })));

    expect([placement.rankOf('a', CAMERA), placement.rankOf('b', CAMERA)]).toEqual([0, undefined]);
  });

  it('begins with the host that the stream is to move to', () => {
    const placement = placementOf(cluster(host('a', 9), host('b', 2), key('moves/camera', { to: 'b' })));

    expect([placement.rankOf('a', CAMERA), placement.rankOf('b', CAMERA)]).toEqual([1, 0]);
  });

  it('goes by what was measured', () => {
    const claims = [key('claims/x', { host: 'a' }), key('claims/y', { host: 'b' }), key('claims/z', { host: 'b' })];
    const needs = ['y', 'z'].map((id) => key(`needs/${id}`, { units: 0.3, estimate: 1, epoch: 1 }));
    const heavy = key('needs/x', { units: 3, estimate: 1, epoch: 1 });
    const placement = placementOf(cluster(host('a', 6), host('b', 6), ...claims, ...needs, heavy));

    expect([placement.rankOf('a', CAMERA), placement.rankOf('b', CAMERA)]).toEqual([1, 0]);
  });

  it('takes hosts for equal that differ by less than a unit, so that they claim at the same time', () => {
    const claims = [key('claims/x', { host: 'a' }), key('claims/y', { host: 'b' })];
    const needs = [
      key('needs/x', { units: 1.2, estimate: 1, epoch: 1 }),
      key('needs/y', { units: 1.7, estimate: 1, epoch: 1 }),
    ];
    const placement = placementOf(cluster(host('a', 400), host('b', 400), ...claims, ...needs));
    const first = Array.from({ length: 100 }, (_, index) => placement.rankOf('b', { ...CAMERA, id: `c-${index}` }));

    expect(first.filter((rank) => rank === 0).length).toBeGreaterThan(30);
  });

  it('lets an empty host take what is too large for it, after those that have room', () => {
    const large = { ...CAMERA, units: 2.5 };
    const placement = placementOf(cluster(host('a', 2), host('b', 6), key('claims/x', { host: 'b' })));

    expect([placement.rankOf('a', large), placement.rankOf('b', large)]).toEqual([1, 0]);
  });

  it('moves a large stream to an empty host that is too small', () => {
    const large = { ...CAMERA, units: 2.5 };
    const keys = [key('claims/camera', { host: 'b' }), key('streams/camera', { units: 2.5 })];
    const placement = placementOf(cluster(host('a', 2), host('b', 6), ...keys, key('moves/camera', { to: 'a' })));

    expect(placement.rankOf('a', large)).toBe(0);
  });

  it('gives equal hosts different streams', () => {
    const placement = placementOf(cluster(host('a', 400), host('b', 400)));
    const first = Array.from({ length: 400 }, (_, index) =>
      placement.rankOf('a', { ...CAMERA, id: `camera-${index}` }),
    );

    const share = first.filter((rank) => rank === 0).length / first.length;

    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });
});
