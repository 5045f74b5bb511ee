import { timedBackend } from '../stream/monitor/timed-backend.js';
import type { ChainBackend, ChainListeners } from '../stream/pipeline-options.js';

/** What is timed inside the chain. */
export const CHAIN_STAGES = ['detect', 'track', 'reid', 'compose'] as const;

/** One of {@link CHAIN_STAGES}. */
export type ChainStage = (typeof CHAIN_STAGES)[number];

/** Each call's time beyond the end of the one before it, ms. */
export type StageTimes = Readonly<Record<ChainStage, number[]>>;

/** A chain's backend and listeners that measure how long each stage took. */
export interface TimedChain {
  /** Times its calls. */
  readonly backend: ChainBackend;
  /** Times the tracker, which answers at once. */
  readonly listeners: Pick<ChainListeners, 'onDetected' | 'onTracked'>;
  /** What was measured so far; the reader may empty it. */
  readonly times: StageTimes;
}

/**
 * Times a backend's calls one by one: each from the end of the one before it where that was later, so
 * that what waits in a queue is not counted twice.
 */
export function timedChain(backend: ChainBackend): TimedChain {
  const times: StageTimes = { detect: [], track: [], reid: [], compose: [] };
  const lastEndMs = { detect: 0, reid: 0, compose: 0 };
  let detectedMs = 0;
  return {
    backend: timedBackend(backend, ({ stage, begunMs, endedMs }) => {
      times[stage].push(endedMs - Math.max(begunMs, lastEndMs[stage]));
      lastEndMs[stage] = endedMs;
    }),
    listeners: {
      onDetected: () => (detectedMs = performance.now()),
      onTracked: () => times.track.push(performance.now() - detectedMs),
    },
    times,
  };
}
