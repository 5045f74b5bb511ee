import type { Appearance } from './appearance.js';
import { decideJointly, type Candidate } from './joint-decision.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** Who an unresolved track is. */
export type IdentityDecision =
  /** `person`: it is this one · `contested`: it is similar to this one, whom another track surely is. */
  | { readonly kind: 'person' | 'contested'; readonly person: KnownPerson }
  /** `stranger`: nobody known · `wait`: more samples are needed. */
  | { readonly kind: 'stranger' | 'wait' };

/**
 * Compares unresolved tracks with the galleries of known people and decides about all of them jointly.
 *
 * @param unresolved - tracks with one sample or more
 * @param people - those with at least one sample in their gallery
 * @returns one decision for each track, in their order
 */
export function decideIdentities(
  unresolved: readonly TrackIdentity[],
  people: readonly KnownPerson[],
  { typicalOther }: Pick<Appearance, 'typicalOther'>,
): readonly IdentityDecision[] {
  const candidates = people.map(({ gallery, holder }): Candidate => ({
    typicalSame: gallery.typicalSame,
    similarityTo: (other) => gallery.similarityTo(people[other]!.gallery)!,
    isTaken: holder?.isVisible === true && !holder.isUnresolved,
  }));
  const queries = unresolved.map(({ samples }) => ({
    similarities: people.map(({ gallery }) => gallery.meanSimilarity(samples)),
    sampleCount: samples.length,
  }));
  return decideJointly(queries, candidates, typicalOther).map((decision): IdentityDecision =>
    'candidate' in decision ? { kind: decision.kind, person: people[decision.candidate]! } : decision,
  );
}
