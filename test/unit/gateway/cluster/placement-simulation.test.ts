import { expect, it } from 'vitest';
import { FOLDERS } from '#src/gateway/cluster/transactions.js';
import { seededRandom } from '#src/shared/random.js';
import { SimulatedEtcd } from './model/simulated-etcd.js';
import { SimulatedHost } from './model/simulated-host.js';
import { SimulatedTime } from './model/simulated-time.js';

const STREAMS = 1000;
const HOSTS = 50;
const UNITS = 24;

it('places 1,000 cameras on 50 hosts, spreads them, and moves only what a lost host had', () => {
  const time = new SimulatedTime();
  const etcd = new SimulatedEtcd(time);
  let claimed = 0;
  let lastClaimMs = 0;
  etcd.watch((changes) => {
    for (const { key, now } of changes) {
      if (!now || !key.startsWith(FOLDERS.claims)) continue;
      claimed++;
      lastClaimMs = time.nowMs;
    }
  });
  const world = {
    time,
    etcd,
    random: seededRandom(1),
    weakness: {},
    byteEveryMs: 0,
    onBytes: none,
    statesWritten: none,
  };
  const hosts = Array.from({ length: HOSTS }, (_, index) => new SimulatedHost(`host-${index}`, UNITS, world));
  time.runUntil(2000);

  const startMs = time.nowMs;
  const then = Array.from({ length: STREAMS }, (_, index) => {
    return { type: 'put' as const, key: `${FOLDERS.streams}camera-${index}`, value: '{"units":1}' };
  });
  etcd.commit({ when: [], then });
  time.runUntil(startMs + 5000);
  const placedInMs = lastClaimMs - startMs;
  const spread = hosts.map(({ runs }) => runs.size);
  const before = owners(hosts);
  const lost = hosts[7]!;
  const had = lost.runs.size;
  const claimsBefore = claimed;
  const crashMs = time.nowMs;
  lost.crash();
  time.runUntil(crashMs + 5000);

  const living = hosts.filter((host) => host !== lost);
  const after = owners(living);
  const moved = [...before].filter(([stream, host]) => host !== lost.id && after.get(stream) !== host);
  console.log(
    `${STREAMS} cameras placed in ${Math.round(placedInMs)} ms, ${Math.min(...spread)} to ${Math.max(...spread)} a host; ` +
      `${had} of a lost host back in ${Math.round(lastClaimMs - crashMs)} ms, ${moved.length} others moved`,
  );
  expect(placedInMs).toBeLessThan(5000);
  expect(Math.max(...spread) - Math.min(...spread)).toBeLessThanOrEqual(6);
  expect(after.size).toBe(STREAMS);
  expect(moved).toEqual([]);
  expect(claimed - claimsBefore).toBe(had);
  expect(lastClaimMs - crashMs).toBeLessThan(5000);
}, 120_000);

function none(): void {}

const owners = (hosts: readonly SimulatedHost[]): Map<string, string> =>
  new Map(hosts.flatMap(({ id, runs }) => [...runs.keys()].map((stream) => [stream, id] as const)));
