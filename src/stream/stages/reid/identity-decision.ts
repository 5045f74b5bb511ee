import type { Appearance } from './appearance.js';
import type { AppearanceSample } from './gallery.js';
import { decideJointly, type Candidate } from './joint-decision.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** Who an unresolved track is. */
export type IdentityDecision =
  /** `person`: it is this one · `contested`: it is similar to this one, whom another track surely is. */
  | { readonly kind: 'person' | 'contested'; readonly person: KnownPerson }
  /** `stranger`: nobody known · `wait`: more samples are needed. */
  | { readonly kind: 'stranger' | 'wait' };

/** A hand is taken from a face within this, ms. */
const LASTING_MS = 3_000;

/**
 * Compares unresolved tracks with the galleries of known people and decides about all of them jointly.
 *
 * @param unresolved - tracks with one sample or more
 * @param people - those with at least one sample in their gallery
 * @param ptsMs - of the latest set, milliseconds
 * @returns one decision for each track, in their order
 */
export function decideIdentities(
  unresolved: readonly TrackIdentity[],
  people: readonly KnownPerson[],
  { typicalOther }: Pick<Appearance, 'typicalOther'>,
  ptsMs: number,
): readonly IdentityDecision[] {
  const candidates = people.map(({ gallery, holder }): Candidate => ({
    typicalSame: gallery.typicalSame,
    similarityTo: (other) => gallery.similarityTo(people[other]!.gallery)!,
    isTaken: holder?.isVisible === true && !holder.isUnresolved,
  }));
  const queries = unresolved.map((identity) => {
    const samples = bestSamples(identity);
    return {
      similarities: people.map(({ gallery }) => gallery.meanSimilarity(samples)),
      sampleCount: samples.length,
      clearCount: clearCount(identity, ptsMs),
    };
  });
  return decideJointly(queries, candidates, typicalOther).map((decision): IdentityDecision =>
    'candidate' in decision ? { kind: decision.kind, person: people[decision.candidate]! } : decision,
  );
}

/** Of a face that nothing covers, where there are such; half a face resembles no one, its own person included. */
function bestSamples({ samples }: TrackIdentity): readonly AppearanceSample[] {
  const clear = samples.filter(({ isClear = true }) => isClear);
  return clear.length > 0 ? clear : samples;
}

/**
 * Samples that may say that somebody is a stranger: of a face that nothing covers, or of one that is merely found less
 * surely than usual for so long that this is how it looks.
 */
function clearCount({ samples, isOverlapped, unresolvedSincePtsMs }: TrackIdentity, ptsMs: number): number {
  const isLasting = !isOverlapped && ptsMs - unresolvedSincePtsMs >= LASTING_MS;
  return isLasting ? samples.length : samples.filter(({ isClear = true }) => isClear).length;
}
