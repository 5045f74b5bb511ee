/**
 * Loaded into a worker thread by NODE_OPTIONS: takes two shared integers, says by the first that it stands still, and
 * throws when the second is set.
 */
const { parentPort } = require('node:worker_threads');

parentPort?.on('message', (told) => {
  Atomics.store(told, 0, 1);
  Atomics.wait(told, 1, 0);
  throw new Error('it was told to');
});
parentPort?.unref();
