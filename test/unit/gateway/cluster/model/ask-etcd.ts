import { REQUEST_LIMIT_MS } from './host-surroundings.js';
import { EtcdDown } from './simulated-etcd.js';
import type { SimulatedTime } from './simulated-time.js';

/** The way from a host to etcd. */
export interface WayToEtcd {
  readonly time: SimulatedTime;
  /** Of one message. */
  readonly onewayMs: () => number;
  readonly isPossible: () => boolean;
  /** On the clock of the host, which may be stopped. */
  readonly later: (delayMs: number, run: () => void) => void;
  /** Whether the host that asked has crashed since. */
  readonly isGone: () => boolean;
}

/** Asks etcd; nothing is answered where a message is lost, or etcd has no leader. */
export function askEtcd<T>(way: WayToEtcd, call: () => T, onAnswer: (answer: T | undefined) => void): void {
  const { time, onewayMs, isPossible, later, isGone } = way;
  let isAnswered = false;
  const answer = (value: T | undefined): void => {
    if (isAnswered || isGone()) return;
    isAnswered = true;
    onAnswer(value);
  };
  later(REQUEST_LIMIT_MS, () => answer(undefined));
  time.after(onewayMs(), () => {
    if (!isPossible()) return;
    try {
      const value = call();
      time.after(onewayMs(), () => {
        if (isPossible()) later(0, () => answer(value));
      });
    } catch (error) {
      if (!(error instanceof EtcdDown)) throw error;
    }
  });
}
