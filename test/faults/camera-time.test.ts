import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { median } from '#src/shared/percentile.js';
import { BEEPS, cuesOf, distances, FLASHES, lateness, type Cues } from './cameras/cues.js';
import { OddCamera, type OddCameraOptions } from './cameras/odd-camera.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

/** On a machine that has more to do than it can, which shows pictures late. */
const BUSY_TOLERANCE_S = 0.1;
/** The start of a stream is not looked at: the clock of the camera is learned, s. */
const LEARNING_S = 4;
const PLAYED_S = 22;
/** Cues of each kind that come in that time, at two in four seconds; the first and the last may be cut. */
const EXPECTED = (PLAYED_S - LEARNING_S) / 2 - 2;
/** How much later at the end than at first, s; a busy machine may leave out so much. */
const CREEP_S = 0.1;
const OUTPUT_FPS = 50;
/** How far sound may be from pictures, s, and half a period more: a picture is shown at the nearest place of the output. */
const TOLERANCE_S = 0.04 + 0.5 / OUTPUT_FPS;

const HOUR_S = 3600;
const SOUND_AND_FLASHES = [FLASHES, BEEPS] as const;
/** Right but for its date; both tracks have the same. */
const reports =
  (dateMs: number): NonNullable<OddCameraOptions['senderClock']> =>
  (_, playedS) =>
    dateMs + playedS * 1000;
const NOW = Date.UTC(2026, 10, 29);

interface Scenario {
  readonly name: string;
  readonly camera: OddCameraOptions;
  /** Cues that may be missed, where time jumps. */
  readonly missed?: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a constant rate', camera: { tracks: SOUND_AND_FLASHES, senderClock: reports(NOW) } },
  {
    name: 'a rate that changes, 25 → 5 → 25',
    camera: {
      tracks: [
        {
          ...FLASHES,
          turns: [
            { fps: 25, seconds: 8 },
            { fps: 5, seconds: 8 },
          ],
        },
        BEEPS,
      ],
      senderClock: reports(NOW),
    },
  },
  {
    name: 'a clock that is fast by 0.5 %',
    camera: {
      tracks: SOUND_AND_FLASHES,
      clock: { rate: 1.005 },
      senderClock: (_, playedS) => NOW + playedS * 1005,
    },
  },
  {
    name: 'a clock that is slow by 0.5 %, without reports',
    camera: { tracks: SOUND_AND_FLASHES, clock: { rate: 0.995 } },
  },
  {
    name: 'time stamps that jump back by two hours',
    camera: {
      tracks: SOUND_AND_FLASHES,
      clock: { jumps: [{ afterS: 11, byS: -2 * HOUR_S }] },
      senderClock: reports(NOW),
    },
    missed: 1,
  },
  {
    name: 'time stamps that jump ahead by three hours, without reports',
    camera: { tracks: SOUND_AND_FLASHES, clock: { jumps: [{ afterS: 11, byS: 3 * HOUR_S }] } },
    missed: 1,
  },
  {
    name: 'time stamps that wrap',
    camera: { tracks: SOUND_AND_FLASHES, clock: { wrapAfterS: 11 }, senderClock: reports(NOW) },
  },
  {
    name: 'reports from 1970',
    camera: { tracks: SOUND_AND_FLASHES, senderClock: (_, playedS) => 1 + playedS * 1000 },
  },
  {
    name: 'reports from 2100',
    camera: { tracks: SOUND_AND_FLASHES, senderClock: reports(Date.UTC(2100, 0, 1)) },
  },
  {
    name: 'reports from 1970 of one track, from today of the other',
    camera: { tracks: SOUND_AND_FLASHES, senderClock: (track, playedS) => (track === 0 ? NOW : 0) + playedS * 1000 },
  },
  { name: 'no reports', camera: { tracks: SOUND_AND_FLASHES } },
  {
    name: 'sound that comes late at first, on a busy machine',
    camera: { tracks: SOUND_AND_FLASHES, lateSoundS: 0.6, senderClock: reports(NOW) },
  },
];

/** Scenarios at once: as many as two cores can carry. */
const AT_ONCE = 4;

interface Played {
  readonly cues: Cues;
  /** How often the camera was asked to play. */
  readonly connections: number;
}

describe('the time of a camera', () => {
  let server: RtmpServer;
  let gateway: RunningGateway;
  const played = new Map<string, Played>();
  let toleranceS = TOLERANCE_S;

  beforeAll(async () => {
    server = await startRtmpServer();
    gateway = await startRunningGateway({ streamsPerProcess: AT_ONCE });
    const waiting = SCENARIOS.map((scenario, index) => ({ scenario, id: `time-${index}` }));
    while (waiting.length > 0) {
      await Promise.all(
        waiting.splice(0, AT_ONCE).map(async ({ scenario, id }) => played.set(scenario.name, await play(scenario, id))),
      );
      if ((loadavg()[0] ?? 0) > 2 * availableParallelism()) toleranceS = BUSY_TOLERANCE_S;
    }
  }, 300_000);

  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  async function play(scenario: Scenario, id: string): Promise<Played> {
    const camera = await OddCamera.start(scenario.camera);
    try {
      await gateway.call('POST', '', {
        id,
        source: { url: camera.url },
        output: { width: 320, height: 180, fps: OUTPUT_FPS, bitrateKbps: 600, preset: 'ultrafast', gopS: 1 },
        detect: { maxFps: 1 },
        targets: [{ id: 'nginx', url: server.url(id) }],
      });
      await gateway.until(id, ({ state, targets }) => state === 'live' && targets[0]?.state === 'live', 90);
      await delay(PLAYED_S * 1000);
      await gateway.call('DELETE', `/${id}`);
    } finally {
      await camera.stop();
    }
    const [recording = ''] = await server.recordings(id);
    return { cues: await cuesOf(recording), connections: camera.methods.filter((method) => method === 'PLAY').length };
  }

  it.each(SCENARIOS)('$name: sound and pictures stay together, and neither creeps', ({ name, camera, missed = 0 }) => {
    const { cues, connections } = played.get(name) ?? { cues: { flashes: [], beeps: [] }, connections: 0 };
    const untilS = (cues.beeps.at(-1) ?? 0) - 1;
    const [flashes, beeps] = [cues.flashes, cues.beeps].map((times) =>
      times.filter((atS) => atS > LEARNING_S && atS < untilS),
    ) as [number[], number[]];

    expect(connections).toBe(1);
    expect(Math.min(flashes.length, beeps.length)).toBeGreaterThanOrEqual(EXPECTED - missed);
    // A busy machine shows single pictures late, what is wrong with the time is wrong with all of a part.
    for (const part of partsOf(distances(flashes, cues.beeps))) {
      expect(Math.min(...part.map(Math.abs))).toBeLessThanOrEqual(toleranceS);
    }
    for (const times of [flashes, beeps]) {
      const [early = [], , late = []] = partsOf(lateness(times, camera.clock?.rate));
      expect(Math.abs(median(late) - median(early))).toBeLessThanOrEqual(CREEP_S);
    }
  });
});

/** Early, in the middle, late. */
function partsOf(values: readonly number[]): number[][] {
  const count = Math.ceil(values.length / 3);
  return [0, 1, 2].map((part) => values.slice(part * count, (part + 1) * count));
}
