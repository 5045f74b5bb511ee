#!/usr/bin/env node
import { benchCommand } from './cli/bench.js';
import { clusterCommand } from './cli/cluster.js';
import { parseCommandArguments, type Command } from './cli/command.js';
import { configCommand } from './cli/config.js';
import { demoCommand } from './cli/demo.js';
import { doctorCommand } from './cli/doctor.js';
import { healthCommand } from './cli/health.js';
import { modelsCommand } from './cli/models.js';
import { renderCommand } from './cli/render.js';
import { runCommand } from './cli/run.js';
import { serviceCommand } from './cli/service.js';
import { setupCommand } from './cli/setup.js';
import { tokenCommand } from './cli/token.js';
import { trackCommand } from './cli/track.js';
import { closestWord } from './shared/config/closest-word.js';
import { maskUrlsIn } from './shared/config/mask-url.js';
import { DiptychError } from './shared/domain/errors.js';
import { packageVersion } from './shared/package-version.adapter.js';

const COMMANDS: readonly Command[] = [
  demoCommand,
  runCommand,
  renderCommand,
  trackCommand,
  doctorCommand,
  healthCommand,
  modelsCommand,
  benchCommand,
  configCommand,
  tokenCommand,
  clusterCommand,
  serviceCommand,
  setupCommand,
];

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
/** How long a clean end may take before the process ends anyway. */
const SHUTDOWN_LIMIT_MS = 2_900;

/**
 * onnxruntime 1.29 sends usage reports to its maker unless this is set, and leaves a log file a process
 * in the temp folder. Read when the first network is opened; threads and stream processes inherit it.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'usage: diptych COMMAND [OPTIONS]',
    '',
    ...rows,
    '',
    'diptych help COMMAND says more; diptych --version tells the version.',
  ].join('\n');
}

function helpOf(command: Command): string {
  return [
    `usage: diptych ${command.name} ${command.synopsis}`,
    '',
    command.summary,
    ...(command.help.length > 0 ? ['', ...command.help.map((line) => `  ${line}`)] : []),
  ].join('\n');
}

/**
 * Aborts on the first SIGINT or SIGTERM; a second one, or a slow end, ends the process at once.
 *
 * @param slowStatus - exit status of a slow end
 * @param limitMs - how long an end may take before it is a slow one
 */
function stopSignal(slowStatus: number, limitMs: () => number): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_FAILED);
    controller.abort();
    setTimeout(() => {
      if (slowStatus !== EXIT_DONE) report(interrupted());
      process.exit(slowStatus);
    }, limitMs()).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

const interrupted = (cause?: unknown): DiptychError =>
  new DiptychError('DIPTYCH_E_INTERRUPTED', 'interrupted before it was done', { cause });

function exitStatusOf(error: unknown): number {
  const isWrongUse =
    error instanceof DiptychError && (error.code === 'DIPTYCH_E_USAGE' || error.code === 'DIPTYCH_E_CONFIG');
  return isWrongUse ? EXIT_WRONG_USE : EXIT_FAILED;
}

function report(error: unknown): void {
  if (error instanceof DiptychError) {
    process.stderr.write(maskUrlsIn(`${error.code}: ${error.message.replace(/\s*\n\s*/g, ' ')}\n`));
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(maskUrlsIn(`DIPTYCH_E_INTERNAL: ${text.replace(/\s*\n\s*/g, ' | ')}\n`));
}

/** The command of that name. @throws {@link DiptychError} `DIPTYCH_E_USAGE` with the name that was most likely meant */
function commandNamed(name: string): Command {
  const found = COMMANDS.find((candidate) => candidate.name === name);
  if (found) return found;
  const names = COMMANDS.map((candidate) => candidate.name);
  const meant = closestWord(name, names);
  const known = `the commands are ${names.join(', ')}`;
  const advice = meant === undefined ? known : `did you mean "${meant}"?`;
  if (name.startsWith('-')) throw new DiptychError('DIPTYCH_E_USAGE', `the command goes before ${name}; ${known}`);
  if (name.includes('://')) {
    throw new DiptychError('DIPTYCH_E_USAGE', `the command goes before ${name}; to play it, diptych run ${name}`);
  }
  throw new DiptychError('DIPTYCH_E_USAGE', `there is no command "${name}"; ${advice}`);
}

/** Runs a command; what fails because it was interrupted is told as that. */
async function runCommandOf(command: Command, argv: readonly string[]): Promise<number> {
  const args = parseCommandArguments(command, argv);
  let limitMs = SHUTDOWN_LIMIT_MS;
  const signal = stopSignal(command.isService === true ? EXIT_DONE : EXIT_FAILED, () => limitMs);
  const takeLonger = (moreMs: number): void => {
    limitMs = SHUTDOWN_LIMIT_MS + moreMs;
  };
  try {
    return await command.run(args, signal, takeLonger);
  } catch (error) {
    const isTold = error instanceof DiptychError && error.code === 'DIPTYCH_E_INTERRUPTED';
    throw signal.aborted && command.isService !== true && !isTold ? interrupted(error) : error;
  }
}

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(`${overview()}\n`);
    return EXIT_WRONG_USE;
  }
  if (['--version', '-V', 'version'].includes(name)) {
    process.stdout.write(`diptych ${packageVersion()}\n`);
    return EXIT_DONE;
  }
  if (['--help', '-h', 'help'].includes(name)) {
    const [asked] = rest;
    process.stdout.write(`${asked === undefined ? overview() : helpOf(commandNamed(asked))}\n`);
    return EXIT_DONE;
  }
  const command = commandNamed(name);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${helpOf(command)}\n`);
    return EXIT_DONE;
  }
  return runCommandOf(command, rest);
}

// The reader of the output may close it early, such as `head`; the gateway goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    report(error);
    process.exit(exitStatusOf(error));
  },
);
