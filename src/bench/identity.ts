import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { intersectionArea, iou } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import { shownBox, type Track } from '../shared/domain/track.js';
import type { IdentityEvent } from '../stream/stages/reid/identity-events.js';
import { openMotFile } from '../offline/mot-file.adapter.js';
import { SetTracker } from '../offline/set-tracker.js';
import { addTallies, emptyTally, toRow, type IdentityRow, type Tally } from './identity-tally.js';
import { benchTrackCost, type TrackCost } from './track-cost.js';
import { isSuspected, suspicionsIn } from './suspicions.js';
import {
  identityChanges,
  idf1,
  lastingSwaps,
  scoreFrame,
  type Labelled,
  type ScoredFrame,
  type TruthRow,
} from './mot-score.js';

/** What `diptych bench identity` prints. */
export interface IdentityBenchResult {
  /** In the order of suite.json. */
  readonly scenarios: readonly IdentityRow[];
  /** Over all runs. */
  readonly total: IdentityRow;
  /** Of the tracker itself, with two people and with fifty. */
  readonly cost: readonly TrackCost[];
  /** Whether the total reaches what is required. */
  readonly met: Readonly<Record<string, boolean>>;
}

const suiteSchema = z.object({
  sequences: z.array(z.string()),
  length: z.record(z.string(), z.number()),
  fps: z.record(z.string(), z.number()),
});

/** What is required. */
const LEAST_IDF1 = 95;
const MOST_LASTING_SHARE = 0.05;
const MOST_FRESH_SHARE = 0.1;
const MOST_ACTIVATION = 0.1;
const LEAST_FOUND = 0.95;
const LEAST_SLOT_RIGHT = 0.99;
/** Median cost of a frame with two people and with fifty. */
const MOST_MS = { pair: 0.05, crowd: 0.5 };
/** Scenarios in which nobody is ever hidden, so that a look now and then is enough. */
const CALM_SCENARIOS = ['cross-partial', 'fast-motion', 'flicker'];
const MOST_CALM_ACTIVATION = 0.05;
/** How long a swap may last, s. */
const GRACE_S = 0.5;

/**
 * Keeps identities on generated scenarios and scores it beside the published ByteTrack on the same
 * detections: swaps, fresh ids, IDF1, slots, and how many embeddings were computed.
 *
 * @param directory - holds suite.json and one folder a run with det.txt, gt.txt and emb.i8
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` if a file is missing, `DIPTYCH_E_BAD_INPUT` if suite.json is wrong.
 */
export async function benchIdentity(directory: string): Promise<IdentityBenchResult> {
  const suite = suiteSchema.safeParse(JSON.parse(await readText(join(directory, 'suite.json'))));
  if (!suite.success) {
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', `${directory}/suite.json does not list sequences, length and fps`);
  }
  const { sequences, length, fps } = suite.data;
  const byScenario = new Map<string, Tally>();
  for (const name of sequences) {
    const scenario = name.replace(/-s\d+$/, '');
    const tally = byScenario.get(scenario) ?? emptyTally();
    byScenario.set(scenario, tally);
    await addRun(tally, join(directory, name), fps[name] ?? 30, length[name] ?? 0);
  }
  const scenarios = [...byScenario].map(([scenario, tally]) => toRow(scenario, tally));
  const total = toRow('total', [...byScenario.values()].reduce(addTallies, emptyTally()));
  const cost = [await benchTrackCost(2, 100_000), await benchTrackCost(50, 3_000)];
  const calm = scenarios.filter(({ scenario }) => CALM_SCENARIOS.includes(scenario));
  return {
    scenarios,
    total,
    cost,
    met: {
      idf1: total.idf1 >= LEAST_IDF1,
      lastingSwaps: total.lastingSwaps <= MOST_LASTING_SHARE * total.lastingSwapsByteTrack,
      freshIds: total.freshIds <= MOST_FRESH_SHARE * total.freshIdsByteTrack,
      activation: total.activationRatio < MOST_ACTIVATION,
      calmActivation: calm.every(({ activationRatio }) => activationRatio < MOST_CALM_ACTIVATION),
      swapsFound: total.swapsFoundRatio >= LEAST_FOUND,
      slotRight: total.slotRightRatio >= LEAST_SLOT_RIGHT,
      cost: cost.every(({ people, keepingMs }) => keepingMs.p50 <= MOST_MS[people === 2 ? 'pair' : 'crowd']),
    },
  };
}

async function addRun(tally: Tally, folder: string, fps: number, length: number): Promise<void> {
  const truth = readTruth(await readText(join(folder, 'gt.txt')));
  const source = await openMotFile(join(folder, 'det.txt'), fps, join(folder, 'emb.i8'));
  const keeping = new SetTracker(source);
  const plain = new SetTracker(source, 'off');
  const kept: ScoredFrame[] = [];
  const published: ScoredFrame[] = [];
  const slots = new SlotWatch();
  const events: IdentityEvent[] = [];
  let frame = 0;
  for await (const set of source.sets) {
    frame += 1;
    const rows = truth.get(frame) ?? [];
    const { tracks, ms, events: happened } = await keeping.update(set);
    tally.ms.push(ms);
    events.push(...happened);
    kept.push(scoreFrame(frame, rows, inSight(tracks)));
    published.push(scoreFrame(frame, rows, inSight((await plain.update(set)).tracks)));
    slots.watch(rows, tracks);
  }
  for (frame += 1; frame <= length; frame += 1) {
    const empty = scoreFrame(frame, truth.get(frame) ?? [], []);
    kept.push(empty);
    published.push(empty);
  }
  const changes = identityChanges(kept);
  const plainChanges = identityChanges(published);
  const swaps = plainChanges.filter(({ kind }) => kind === 'swap');
  const suspicions = suspicionsIn(events, (kept.length * 1000) / fps);
  tally.runs += 1;
  tally.idf1 += idf1(kept);
  tally.idf1ByteTrack += idf1(published);
  tally.lasting += lastingSwaps(changes, GRACE_S * fps).length;
  tally.lastingByteTrack += lastingSwaps(plainChanges, GRACE_S * fps).length;
  tally.fresh += changes.filter(({ kind }) => kind === 'new').length;
  tally.freshByteTrack += plainChanges.filter(({ kind }) => kind === 'new').length;
  tally.computed += keeping.counts?.computed ?? 0;
  tally.associated += keeping.counts?.matched ?? 0;
  tally.swapsByteTrack += swaps.length;
  tally.swapsFound += swaps.filter((swap) => isSuspected(swap, suspicions, kept, fps)).length;
  tally.suspicions += suspicions.length;
  for (const { sincePtsMs, untilPtsMs } of suspicions) tally.suspectedS += (untilPtsMs - sincePtsMs) / 1000;
  tally.seconds += kept.length / fps;
  tally.slotFrames += slots.frames;
  tally.slotRight += slots.right;
}

/** Whoever is first found under an identity owns the slot of that identity from then on. */
class SlotWatch {
  frames = 0;
  right = 0;
  readonly #slots = new Map<number, number>();

  watch(rows: readonly TruthRow[], tracks: readonly Track[]): void {
    const people = rows.filter(({ isIgnored }) => !isIgnored);
    for (const { id, box } of people) {
      if (this.#slots.has(id)) continue;
      const found = inSight(tracks).find((track) => iou(track.box, box) >= 0.5);
      if (found && ![...this.#slots.values()].includes(found.id)) this.#slots.set(id, found.id);
    }
    const isApart = people.every((a) => people.every((b) => a === b || intersectionArea(a.box, b.box) === 0));
    if (people.length < 2 || !isApart) return;
    this.frames += 1;
    const isRight = people.every((person) => {
      const shown = tracks.find(({ id }) => id === this.#slots.get(person.id));
      return shown !== undefined && iou(shownBox(shown), person.box) > 0;
    });
    if (isRight) this.right += 1;
  }
}

const inSight = (tracks: readonly Track[]): readonly Labelled[] =>
  tracks.filter(({ state }) => state === 'tracked').map((track) => ({ id: track.id, box: shownBox(track) }));

/** Rows of a MOTChallenge gt.txt by frame; flag 0 marks what is ignored. */
function readTruth(text: string): ReadonlyMap<number, readonly TruthRow[]> {
  const frames = new Map<number, TruthRow[]>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [frame = 0, id = 0, x = 0, y = 0, width = 0, height = 0, flag = 1] = line.split(',').map(Number);
    const rows = frames.get(frame) ?? [];
    frames.set(frame, rows);
    rows.push({ id, box: { x, y, width, height }, isIgnored: flag === 0 });
  }
  return frames;
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot read ${path}: give the folder of generated scenarios`, {
      cause: error,
    });
  });
}
