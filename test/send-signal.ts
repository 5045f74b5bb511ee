/**
 * Sends a signal to one process, which must be there: without a pid, `process.kill` would take 0 for
 * it and signal every process of the test's own group.
 */
export function sendSignal(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || !(pid > 0)) throw new Error(`there is no process to send ${signal} to`);
  process.kill(pid, signal);
}
