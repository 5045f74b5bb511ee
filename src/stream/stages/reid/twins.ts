import type { Appearance } from './appearance.js';
import type { KnownPerson } from './track-identity.js';

/** Samples of each of two identities that have to agree. */
const MIN_SAMPLES = 3;
/** Level, between a stranger's similarity (0) and the person's own (1), from which on two identities are one person … */
const ONE_LEVEL = 0.85;
/** … where nobody else reaches this one. */
const OTHER_LEVEL = 0.7;

/**
 * Somebody known and out of sight whom this person turns out to be: a half-covered face may have been taken for a new
 * one. Who was in sight together, apart, is never one.
 *
 * @param people - everybody with at least one sample
 * @returns `undefined` where there is none, or more than one that it might be
 */
export function twinOf(
  person: KnownPerson,
  people: readonly KnownPerson[],
  appearance: Pick<Appearance, 'typicalOther'>,
): KnownPerson | undefined {
  if (person.gallery.size < MIN_SAMPLES) return undefined;
  const similar = people
    .filter((other) => other !== person)
    .map((other) => ({ other, level: levelOf(person, other, appearance) }))
    .filter(({ level }) => level >= OTHER_LEVEL)
    .sort((a, b) => b.level - a.level);
  const [best] = similar;
  if (similar.length !== 1 || !best || best.level < ONE_LEVEL) return undefined;
  const { other } = best;
  const isElsewhere = other.holder?.isVisible === true;
  const wereTogether = person.seenWith.has(other.id) || other.seenWith.has(person.id);
  return isElsewhere || wereTogether || other.gallery.size < MIN_SAMPLES ? undefined : other;
}

/** The lower of how similar either is to what is usual for the other. */
function levelOf(a: KnownPerson, b: KnownPerson, { typicalOther }: Pick<Appearance, 'typicalOther'>): number {
  const of = (one: KnownPerson, other: KnownPerson): number =>
    (one.gallery.meanSimilarity(other.gallery.samples) - typicalOther) /
    Math.max(0.05, one.gallery.typicalSame - typicalOther);
  return Math.min(of(a, b), of(b, a));
}
