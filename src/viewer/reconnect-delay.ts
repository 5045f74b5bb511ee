/** First wait, milliseconds: a gateway that was only restarted is back in a moment. */
const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/**
 * Milliseconds to wait before trying again: doubles with every failure and varies by up to a
 * half, so that viewers who lost one gateway do not come back all at once.
 *
 * @param failures - attempts that failed in a row, ≥ 1
 * @param random - in [0, 1)
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return ceiling * (0.5 + random / 2);
}
