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

/** Tells why set-up ended, and sets the exit status. @param {unknown} error anything but a SetupError is thrown on */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) throw error;
  for (const line of error.tail) process.stderr.write(`  | ${line}\n`);
  process.stderr.write(`set-up: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

/** Lines of the steps that run now, in the order in which they began. @type {Set<() => string>} */
const running = new Set();
/** How many of them stand above the cursor of a terminal. */
let drawn = 0;

/** Draws the running steps again, below those that ended. @param {readonly string[]} ended */
function redraw(ended) {
  const lines = [...ended, ...Array.from(running, (line) => line())];
  process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`);
  drawn = running.size;
}

/**
 * Runs a step under one line of progress: its name, the seconds so far, what it does now. Several
 * may run at a time, each under its own line.
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
  const lineOf = (/** @type {string} */ end) => {
    const seconds = `${((Date.now() - begin) / 1000).toFixed(0)} s`;
    // A line that a narrow terminal breaks in two could not be drawn over.
    return `${label.padEnd(LABEL_WIDTH)}${seconds.padStart(7)}  ${end}`.slice(0, (process.stdout.columns ?? 100) - 1);
  };
  const line = () => lineOf(detail);
  const end = (/** @type {string} */ how) => {
    running.delete(line);
    if (isTerminal) redraw([lineOf(how)]);
    else process.stdout.write(`${lineOf(how)}\n`);
  };
  running.add(line);
  if (isTerminal) redraw([]);
  const sign = () => (isTerminal ? redraw([]) : process.stdout.write(`${lineOf(detail || '…')}\n`));
  const timer = setInterval(sign, isTerminal ? REDRAW_MS : SIGN_OF_LIFE_MS);
  try {
    const result = await work((text) => {
      detail = text.trim();
    });
    end(tell(result));
    return result;
  } catch (error) {
    end('failed');
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Does everything at the same time. Where one fails, the others are waited for before the first
 * failure is thrown, so that nothing goes on behind the message.
 * @param {readonly ((signal: AbortSignal) => Promise<unknown>)[]} works each is told by its signal
 *   that it may stop, because another has failed
 */
export async function together(works) {
  const failure = new AbortController();
  await Promise.allSettled(works.map((work) => work(failure.signal).catch((error) => failure.abort(error))));
  failure.signal.throwIfAborted();
}

/** Programs that run now. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM']);
/** By convention, a program that a signal ended has 128 and its number as exit status. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 };

/** What set-up has started ends with it: an npm that goes on would meet the next set-up in its folder. @param {'SIGINT' | 'SIGTERM'} signal */
function endChildren(signal) {
  for (const child of children) child.kill(signal);
  process.exit(SIGNAL_STATUS[signal]);
}

/** @param {import('node:child_process').ChildProcess} child */
function watch(child) {
  if (children.size === 0) for (const signal of SIGNALS) process.on(signal, endChildren);
  children.add(child);
  const forget = () => {
    if (children.delete(child) && children.size === 0) for (const signal of SIGNALS) process.off(signal, endChildren);
  };
  child.once('close', forget);
  child.once('error', forget);
}

/**
 * Runs a program with its output in a log file; its last line is what the step shows.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{
 *   log: string, say?: (detail: string) => void, cwd?: string, env?: NodeJS.ProcessEnv,
 *   timeoutMs?: number, signal?: AbortSignal, advice: string
 * }} options `signal`: ends it; `advice`: what to do when it fails
 */
export async function run(command, parameters, { log, say, cwd, env, timeoutMs, signal, advice }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log, { flags: 'a' });
  file.write(`$ ${command} ${parameters.join(' ')}\n`);
  const child = spawn(command, parameters, {
    cwd,
    env,
    stdio: ['inherit', 'pipe', 'pipe'],
    timeout: timeoutMs,
    signal,
  });
  watch(child);
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
