const SILENCE_DB = -60;
const FFT_SIZE = 1024;

/** Loudness of samples in [−1, 1], from 0 (−60 dB and below) to 1 (full scale). */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  const decibels = 10 * Math.log10(Math.max(power, Number.MIN_VALUE));
  return Math.min(1, Math.max(0, 1 - decibels / SILENCE_DB));
}

/** Shows how loud a microphone is. */
export class LevelMeter {
  readonly #context = new AudioContext();
  readonly #analyser = this.#context.createAnalyser();
  readonly #samples = new Float32Array(FFT_SIZE);
  #source: MediaStreamAudioSourceNode | undefined;

  constructor() {
    this.#analyser.fftSize = FFT_SIZE;
  }

  /** From now on this is heard; `undefined`: nothing. */
  listen(media: MediaStream | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    if (!media || media.getAudioTracks().length === 0) return;
    this.#source = this.#context.createMediaStreamSource(media);
    this.#source.connect(this.#analyser);
    void this.#context.resume();
  }

  /** From 0 to 1, now. */
  get level(): number {
    if (!this.#source) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }
}
