import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from '#src/shared/percentile.js';

const run = promisify(execFile);

/** What is measured: the last seconds of a recording. */
export const MEASURED_S = 1;
/** Of what is measured, samples a second. */
export const RATE = 48_000;
/** Tones are this far apart, Hz. */
const STEP_HZ = 10;
/** Samples in a tenth of a second: whole periods of each of them. */
const PIECE = RATE / STEP_HZ;

/** What is heard. */
export interface Tone {
  readonly hz: number;
  /** Of the power of the sound, from 0 to 1. */
  readonly share: number;
  /** Of full scale, from 0 to 1. */
  readonly level: number;
}

/** The tone of the last seconds of what ffmpeg reads. */
export async function toneOf(input: readonly string[]): Promise<Tone> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', ...input, '-vn', '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-'],
    { encoding: 'buffer', maxBuffer: 1 << 26 },
  );
  const last = stdout.subarray(Math.max(0, stdout.length - MEASURED_S * RATE * 2));
  const samples = new Float64Array(last.length / 2).map((_, at) => last.readInt16LE(at * 2) / 2 ** 15);
  // A busy machine leaves gaps, after which the phase is another: short pieces are looked at, each by itself.
  const pieces = Array.from({ length: Math.floor(samples.length / PIECE) }, (_, n) =>
    toneOfPiece(samples.subarray(n * PIECE, (n + 1) * PIECE)),
  );
  const middle = (of: (tone: Tone) => number): number => median(pieces.map(of));
  return { hz: middle(({ hz }) => hz), share: middle(({ share }) => share), level: middle(({ level }) => level) };
}

/** The loudest of the tones. */
function toneOfPiece(samples: Float64Array): Tone {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  let best = { hz: 0, power: 0 };
  for (let hz = 300; hz <= 1500; hz += STEP_HZ) {
    const found = powerAt(samples, hz);
    if (found > best.power) best = { hz, power: found };
  }
  return { hz: best.hz, share: power === 0 ? 0 : best.power / power, level: Math.sqrt(2 * power) };
}

/** Of one frequency, by a Fourier sum. */
function powerAt(samples: Float64Array, hz: number): number {
  let [re, im] = [0, 0];
  for (const [n, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * hz * n) / RATE);
    im += sample * Math.sin((2 * Math.PI * hz * n) / RATE);
  }
  return (2 * (re * re + im * im)) / samples.length ** 2;
}
