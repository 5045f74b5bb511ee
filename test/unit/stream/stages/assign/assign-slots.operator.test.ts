import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { SlotAssignment, Track } from '#src/shared/domain/track.js';
import { assignSlots, type SlotCommand } from '#src/stream/stages/assign/assign-slots.operator.js';
import type { SlotInput } from '#src/stream/stages/assign/slot-options.js';

const makeTrack = (id: number, x: number): Track => ({
  id,
  state: 'tracked',
  box: { x, y: 100, width: 80, height: 100 },
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
});

const tracks = [makeTrack(1, 200), makeTrack(2, 800)];

function open() {
  const frames$ = new Subject<SlotInput & { readonly name: string }>();
  const commands$ = new Subject<SlotCommand>();
  const seen: { readonly name: string; readonly slots: SlotAssignment }[] = [];
  const errors: unknown[] = [];
  frames$.pipe(assignSlots({ commands$ })).subscribe({
    next: ({ name, slots }) => seen.push({ name, slots }),
    error: (error: unknown) => errors.push(error),
  });
  const frame = (ptsMs: number): void => frames$.next({ name: `at ${ptsMs}`, ptsMs, width: 1000, tracks });
  return { frames$, commands$, seen, errors, frame };
}

describe('assignSlots', () => {
  it('adds the slots to every frame, at once', () => {
    const { seen, frame } = open();
    frame(0);
    frame(40);

    expect(seen).toEqual([
      { name: 'at 0', slots: [1, 2] },
      { name: 'at 40', slots: [1, 2] },
    ]);
  });

  it('carries out commands in the next frame', () => {
    const { seen, frame, commands$ } = open();
    frame(0);
    commands$.next({ action: { action: 'swap' } });
    frame(40);

    expect(seen.at(-1)!.slots).toEqual([2, 1]);
  });

  it('reports a command that fails and goes on', () => {
    const { seen, errors, frame, commands$ } = open();
    const refused: unknown[] = [];
    frame(0);
    commands$.next({ action: { action: 'pin', slot: 9, trackId: 1 }, onError: (error) => refused.push(error) });
    commands$.next({ action: { action: 'pin', slot: 0, trackId: 9 } });
    frame(40);

    expect(refused).toMatchObject([{ code: 'DIPTYCH_E_NOT_FOUND' }]);
    expect(errors).toEqual([]);
    expect(seen).toHaveLength(2);
  });

  it('errors when the PTS does not rise, and unsubscribes from the commands', () => {
    const { errors, frame, commands$ } = open();
    frame(40);
    frame(40);

    expect(errors).toMatchObject([{ code: 'DIPTYCH_E_PTS_NOT_MONOTONIC' }]);
    expect(commands$.observed).toBe(false);
  });

  it('works without commands', () => {
    const frames$ = new Subject<SlotInput>();
    const seen: SlotAssignment[] = [];
    frames$.pipe(assignSlots()).subscribe(({ slots }) => seen.push(slots));
    frames$.next({ ptsMs: 0, width: 1000, tracks });

    expect(seen).toEqual([[1, 2]]);
  });
});
