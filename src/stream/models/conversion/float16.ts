/** The largest number a 16-bit float holds. */
export const FLOAT16_MAX = 65_504;
/** The smallest number > 0 that a 16-bit float holds with all its digits. */
export const FLOAT16_MIN_NORMAL = 2 ** -14;

const SIGN = 0x8000;
const INFINITY = 0x7c00;
const QUIET_NAN = 0x7e00;

/** Distance between neighbouring numbers below {@link FLOAT16_MIN_NORMAL}. */
const SMALLEST = 2 ** -24;
const FRACTION_STEPS = 1024;
const EXPONENT_BIAS = 15;

/**
 * The bits of the 16-bit float (IEEE 754 binary16) next to a number; of two equally near, the one
 * whose last bit is 0. What is too large becomes ±{@link FLOAT16_MAX}, not infinity: a weight that is
 * merely large must not make everything behind it infinite.
 */
export function toFloat16Bits(value: number): number {
  if (Number.isNaN(value)) return QUIET_NAN;
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return sign | INFINITY;
  if (magnitude >= FLOAT16_MAX) return sign | (INFINITY - 1);
  if (magnitude < FLOAT16_MIN_NORMAL) return sign | roundToEven(magnitude / SMALLEST);
  const exponent = exponentOf(magnitude);
  // A fraction that is rounded up to 1 carries into the exponent, which is what it should do.
  const steps = roundToEven((magnitude / 2 ** exponent - 1) * FRACTION_STEPS);
  return sign | ((exponent + EXPONENT_BIAS) * FRACTION_STEPS + steps);
}

/** The number whose 16-bit float has these bits, 0 … 0xffff. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & SIGN ? -1 : 1;
  const exponent = (bits & INFINITY) / FRACTION_STEPS;
  const fraction = bits % FRACTION_STEPS;
  if (exponent === 0) return sign * fraction * SMALLEST;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / FRACTION_STEPS) * 2 ** (exponent - EXPONENT_BIAS);
}

/** Of a number from 2⁻¹⁴ to {@link FLOAT16_MAX}. */
function exponentOf(magnitude: number): number {
  const exponent = Math.floor(Math.log2(magnitude));
  // The logarithm is rounded, and just below a power of two may give that power.
  return 2 ** exponent > magnitude ? exponent - 1 : exponent;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
