/**
 * A normally distributed number of mean 0 and variance 1, made of two uniform ones (Box–Muller).
 *
 * @param random - uniform in [0, 1)
 */
export const normalRandom = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
