/** A person whose box is in the picture on screen. */
export interface ShownPerson {
  /** The person. */
  readonly trackId: number;
  /** Of the person; absent where they have none. */
  readonly name?: string | undefined;
  /** Index of the tile, 0 is the leftmost; absent without one. */
  readonly slot?: number | undefined;
  /** Present for somebody who gets no tile. */
  readonly isLeftOut?: true | undefined;
}

/** Those without a tile come behind those with one. */
const LAST = 99;

/**
 * Everybody who is followed, by tiles. The picture on screen decides who is in which tile: the status, which comes once a
 * second, only adds those who have no box in it, and who is left out.
 *
 * @param followed - as the status has them
 * @param shown - of the picture on screen; absent where that is not known
 */
export function peopleNow(
  followed: readonly ShownPerson[],
  shown: readonly ShownPerson[] | undefined,
): readonly ShownPerson[] {
  const taken = new Set(shown?.map(({ slot }) => slot));
  const others = followed
    .filter(({ trackId }) => shown?.every((one) => one.trackId !== trackId) !== false)
    .map(({ trackId, name, slot, isLeftOut }) => ({
      ...{ trackId, name, isLeftOut },
      slot: taken.has(slot) ? undefined : slot,
    }));
  const withBoxes = (shown ?? []).map((one) => ({
    ...one,
    isLeftOut: followed.find(({ trackId }) => trackId === one.trackId)?.isLeftOut,
  }));
  return [...withBoxes, ...others].sort((a, b) => (a.slot ?? LAST) - (b.slot ?? LAST) || a.trackId - b.trackId);
}
