import type { TileAction } from '#src/shared/domain/slot-action.js';
import type { SlotAssignment, Track, TrackState } from '#src/shared/domain/track.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import type { SlotAssignerOptions } from '#src/stream/stages/assign/slot-options.js';

export const width = 1000;

export interface Person {
  readonly id: number;
  readonly x: number;
  readonly height?: number;
  readonly state?: TrackState;
  readonly bornS?: number;
  readonly seenS?: number;
  readonly doubt?: Track['doubt'];
  readonly mergedIds?: readonly number[];
  readonly isRecognised?: true;
}

export function makeTrack(person: Person, tS: number): Track {
  const { id, x, height = 120, state = 'tracked', bornS = 0, seenS = tS, doubt, mergedIds, isRecognised } = person;
  return {
    id,
    state,
    box: { x: x - 45, y: 300, width: 90, height },
    score: 0.9,
    kind: 'face',
    bornPtsMs: bornS * 1000,
    seenPtsMs: seenS * 1000,
    ...(doubt && { doubt }),
    ...(mergedIds && { mergedIds }),
    ...(isRecognised && { isRecognised }),
  };
}

export interface Slotted {
  readonly tS: number;
  readonly slots: SlotAssignment;
}

interface Run {
  readonly fps?: number;
  readonly durationS: number;
  readonly options?: SlotAssignerOptions;
  readonly commands?: readonly { readonly atS: number; readonly action: TileAction }[];
}

export function run(
  people: (tS: number) => readonly Person[],
  { fps = 30, durationS, options, commands = [] }: Run,
): readonly Slotted[] {
  const assigner = new SlotAssigner(options);
  const waiting = [...commands];
  return Array.from({ length: Math.round(durationS * fps) }, (_, index) => {
    const tS = index / fps;
    while (waiting[0] && waiting[0].atS <= tS) assigner.apply(waiting.shift()!.action);
    const tracks = people(tS).map((person) => makeTrack(person, tS));
    return { tS, slots: assigner.update({ ptsMs: tS * 1000, width, tracks }) };
  });
}

export const at = (slotted: readonly Slotted[], tS: number): SlotAssignment =>
  slotted.findLast((entry) => entry.tS <= tS + 1e-9)!.slots;

/** When the assignment changed, with what it became. */
export const changes = (slotted: readonly Slotted[]): readonly Slotted[] =>
  slotted.filter(({ slots }, index) => index > 0 && String(slots) !== String(slotted[index - 1]!.slots));
