import type { Measure } from './measure.js';

/** A part of the benchmark that runs by itself. */
export interface Step {
  readonly summary: string;
  /** It is ended after this time. */
  readonly limitS: number;
  run(context: StepContext): Promise<void>;
}

export interface StepContext {
  /** Few calls and streams: whether it runs, not how fast. */
  readonly isQuick: boolean;
  /** Takes down what was found. */
  readonly put: (measure: Omit<Measure, 'step'>) => void;
}
