// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** How often a step that takes long says that it lives, where there is no terminal to redraw. */
const SIGN_OF_LIFE_MS = 15_000;
const REDRAW_MS = 500;
const LABEL_WIDTH = 34;
const TAIL_LINES = 12;

/** What went wrong and what to do about it, in a sentence each: nothing else is printed. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ exitCode?: number, tail?: readonly string[] }} [options]
   */
  constructor(message, { exitCode = 1, tail = [] } = {}) {
    super(message);
    this.exitCode = exitCode;
    this.tail = tail;
  }
}

/**
 * Runs a step under one line of progress: its name, the seconds so far, what it does now.
 * @template T
 * @param {string} label
 * @param {(say: (detail: string) => void) => Promise<T>} work
 * @param {(result: T) => string} [tell] how it ended, in a word or two
 * @returns {Promise<T>}
 */
export async function step(label, work, tell = () => 'done') {
  const isTerminal = process.stdout.isTTY === true;
  const begin = Date.now();
  let detail = '';
  const line = (/** @type {string} */ end) => {
    const seconds = `${((Date.now() - begin) / 1000).toFixed(0)} s`;
    const room = Math.max(20, (process.stdout.columns ?? 100) - LABEL_WIDTH - 14);
    return `${label.padEnd(LABEL_WIDTH)}${seconds.padStart(7)}  ${end.slice(0, room)}`;
  };
  const draw = () => process.stdout.write(isTerminal ? `\r\x1b[K${line(detail)}` : `${line(detail || '…')}\n`);
  if (isTerminal) draw();
  const timer = setInterval(draw, isTerminal ? REDRAW_MS : SIGN_OF_LIFE_MS);
  try {
    const result = await work((text) => {
      detail = text.trim();
    });
    process.stdout.write(`${isTerminal ? '\r\x1b[K' : ''}${line(tell(result))}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${isTerminal ? '\r\x1b[K' : ''}${line('failed')}\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program with its output in a log file; its last line is what the step shows.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{
 *   log: string, say?: (detail: string) => void, cwd?: string, env?: NodeJS.ProcessEnv,
 *   timeoutMs?: number, advice: string
 * }} options `advice`: what to do when it fails
 */
export async function run(command, parameters, { log, say, cwd, env, timeoutMs, advice }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log, { flags: 'a' });
  file.write(`$ ${command} ${parameters.join(' ')}\n`);
  const child = spawn(command, parameters, { cwd, env, stdio: ['inherit', 'pipe', 'pipe'], timeout: timeoutMs });
  /** @type {string[]} */
  const tail = [];
  const readers = [child.stdout, child.stderr].map((stream) => {
    const lines = createInterface({ input: stream });
    lines.on('line', (text) => {
      file.write(`${text}\n`);
      if (text.trim() === '') return;
      tail.push(text);
      if (tail.length > TAIL_LINES) tail.shift();
      say?.(text);
    });
    return new Promise((resolve) => lines.once('close', resolve));
  });
  const ended = await new Promise((resolve) => {
    child.once('error', (error) =>
      resolve('code' in error && error.code === 'ENOENT' ? 'is not installed' : error.message),
    );
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  await Promise.all(readers);
  // Whoever is told of the log finds all of it there.
  await new Promise((resolve) => file.end(() => resolve(undefined)));
  if (ended !== undefined) {
    throw new SetupError(`${command} ${ended}; ${advice} (everything it said is in ${log})`, { tail });
  }
}
