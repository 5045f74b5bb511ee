// @ts-check
// Makes a fresh clone run: node src/setup/setup.mjs --for=demo|test|start [-- COMMAND OPTIONS…]
// Everything that is up to date is skipped. With a COMMAND, `diptych COMMAND` follows in the same
// process, so that its signals and exit status are the program's own.

import { reportFailure, SetupError } from './progress.mjs';
import { runProgram, setUp } from './steps.mjs';

/** How often the program checks that npm is still there. */
const PARENT_CHECK_MS = 1000;
const PURPOSES = /** @type {const} */ (['demo', 'test', 'start']);

/**
 * Ends the program as SIGTERM does when npm is gone. npm passes SIGINT and SIGTERM on and waits for
 * what it runs; after `kill -9` it can do neither, and the gateway would go on publishing with
 * nobody to end it.
 */
function endWithNpm() {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** @param {string[]} parameters */
async function main(parameters) {
  const separator = parameters.indexOf('--');
  const own = separator < 0 ? parameters : parameters.slice(0, separator);
  const command = separator < 0 ? [] : parameters.slice(separator + 1);
  const purpose = PURPOSES.find((name) => own.length === 1 && own[0] === `--for=${name}`);
  if (purpose === undefined) {
    throw new SetupError(`expected --for=${PURPOSES.join('|')}, got ${own.join(' ') || 'nothing'}`, { exitCode: 2 });
  }
  await setUp(purpose);
  if (separator >= 0) {
    if (process.env['npm_lifecycle_event'] !== undefined) endWithNpm();
    await runProgram(command);
  }
}

main(process.argv.slice(2)).catch(reportFailure);
