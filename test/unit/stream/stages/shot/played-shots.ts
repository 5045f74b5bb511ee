import type { Track } from '#src/shared/domain/track.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { ShotGrammar, type ShotGrammarOptions } from '#src/stream/stages/shot/shot-grammar.js';
import { faceBox, makeTrack, source } from '../compose/two-people.js';

/** Crown to chin of everybody, pixels: a face of 160 with its hair. A tile of two is 2.34 of them wide, 468 px. */
export const FACE = 160;

/** Where somebody is, x in pixels of the source; `undefined` where nobody sees them. */
export type Path = (tS: number) => number | undefined;

export interface Person {
  readonly id: number;
  readonly at: Path;
  /** Whether they have a slot. @defaultValue while they are seen, and 1.5 s longer */
  readonly hasSlot?: (tS: number) => boolean;
}

export const stay =
  (x: number): Path =>
  () =>
    x;
/** Stands at `from` until `fromS`, and from `toS` on at `to`. */
export const walk =
  (from: number, to: number, fromS: number, toS: number): Path =>
  (tS) =>
    from + (to - from) * Math.min(1, Math.max(0, (tS - fromS) / (toS - fromS)));
export const during =
  (path: Path, fromS: number, toS: number): Path =>
  (tS) =>
    tS >= fromS && tS < toS ? path(tS) : undefined;
export const except =
  (path: Path, fromS: number, toS: number): Path =>
  (tS) =>
    tS >= fromS && tS < toS ? undefined : path(tS);

const HOLD_S = 1.5;

/** Plays people for so long, detections at 15 a second, and returns each change of shots, with its first reason. */
export function play(
  people: readonly Person[],
  durationS: number,
  options: Partial<ShotGrammarOptions> = {},
): readonly Shot[] {
  const shots: Shot[] = [];
  for (const shot of playEvery(people, durationS, options)) {
    if (shot.sincePtsMs !== shots.at(-1)?.sincePtsMs) shots.push(shot);
    else shots[shots.length - 1] = { ...shot, reason: shots.at(-1)!.reason };
  }
  return shots;
}

/** The same, and returns the shot of every frame. */
export function playEvery(
  people: readonly Person[],
  durationS: number,
  options: Partial<ShotGrammarOptions> = {},
): readonly Shot[] {
  const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 }, ...options });
  const seen = new Map<number, { readonly tS: number; readonly x: number }>();
  const shots: Shot[] = [];
  for (let index = 0; index <= durationS * 30; index += 1) {
    const tS = index / 30;
    for (const { id, at } of people) {
      const x = at(tS);
      if (x !== undefined && index % 2 === 0) seen.set(id, { tS, x });
    }
    const tracks = people.flatMap(({ id, at }): readonly Track[] => {
      const last = seen.get(id);
      if (!last || tS - last.tS > 1) return [];
      const x = at(tS) ?? last.x;
      const state = tS - last.tS > 0.1 ? 'lost' : 'tracked';
      return [makeTrack({ id, state, box: faceBox({ x, y: 500 }, FACE), seenPtsMs: last.tS * 1000 })];
    });
    const slots = people
      .filter(({ id, hasSlot }) => (hasSlot ? hasSlot(tS) : seen.has(id) && tS - seen.get(id)!.tS <= HOLD_S))
      .sort((a, b) => (seen.get(a.id)?.x ?? 0) - (seen.get(b.id)?.x ?? 0))
      .map(({ id }) => id);
    shots.push(grammar.update({ ptsMs: tS * 1000, ...source, tracks, slots }));
  }
  return shots;
}
