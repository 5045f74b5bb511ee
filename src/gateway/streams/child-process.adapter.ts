import { type ChildProcess, fork } from 'node:child_process';

/**
 * Room for objects that were made lately, MB for each half of it and each thread. Most are of one picture, and gone with
 * it; V8's default of 16 holds 25 to 70 MB more of the memory of a process and saves no measurable processor time.
 */
const YOUNG_OBJECTS = '--max-semi-space-size=2';

/**
 * Starts the script of a stream process, with a channel for messages.
 *
 * @param environment - beside the gateway's own
 */
export function forkStreamProcess(
  modulePath: string,
  environment: Readonly<Record<string, string>> | undefined,
): ChildProcess {
  return fork(modulePath, [], {
    // Ctrl+C goes to a whole group of processes; a stream ends when the gateway says so.
    detached: true,
    env: { ...process.env, ...environment },
    // Instead of the gateway's: its import conditions are for its own sources.
    execArgv: [YOUNG_OBJECTS],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** What to say about the end of a process; `undefined` when it ended well. */
export function exitOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Also emitted when it cannot be killed or sent to: without a listener that would be an exception.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`the stream process could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve(`the stream process was ended by ${signal}`);
      else resolve(code === 0 ? undefined : `the stream process ended with status ${String(code)}`);
    });
  });
}
