import { Worker } from 'node:worker_threads';

/** Ends the process where an input keeps the main thread busy: no timer of that thread would fire. */
export interface Watchdog {
  /** The next input is tried. */
  begin(index: number): void;
  /** All were. Idempotent. */
  stop(): void;
}

const PROGRAM = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { shared, what, limitS } = workerData;
const state = new Int32Array(shared);
let last = -1;
let since = Date.now();
setInterval(() => {
  if (state[0] !== last) {
    last = state[0];
    since = Date.now();
  } else if (Date.now() - since > limitS * 1000) {
    writeSync(2, 'fuzz ' + what + ': input ' + last + ' hangs\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, 500);
`;

/**
 * @param what - surface and seed, for the message
 * @param limitS - an input that takes three times as long ends the process
 */
export function startWatchdog(what: string, limitS: number): Watchdog {
  const shared = new SharedArrayBuffer(4);
  const state = new Int32Array(shared);
  const worker = new Worker(PROGRAM, { eval: true, workerData: { shared, what, limitS: 3 * limitS } });
  worker.unref();
  return {
    begin: (index) => void Atomics.store(state, 0, index),
    stop: () => void worker.terminate(),
  };
}
