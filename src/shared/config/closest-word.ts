/** Of so many letters on, the beginning of a word stands for it. */
const MIN_BEGINNING = 3;
/** A longer word is no misspelt option, and would take long to compare. */
const MAX_LENGTH = 64;

/**
 * The known word that a misspelt one was most likely meant to be, if any is near enough: at most
 * one edit for every three letters, or the beginning of one word only; case ignored.
 */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? begunWord(word, known);
}

/** The only known word that begins like this. */
function begunWord(word: string, known: readonly string[]): string | undefined {
  if (word.length < MIN_BEGINNING) return undefined;
  const [first, ...more] = known.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  return more.length === 0 ? first : undefined;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(substitution, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && isSwap) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
