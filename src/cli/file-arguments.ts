import type { Command } from './command.js';

/** Options of every command over a file, for `parseArgs`. */
export const FILE_OPTIONS = {
  config: { type: 'string' },
  stream: { type: 'string' },
  model: { type: 'string' },
  pose: { type: 'string' },
  gpu: { type: 'string' },
  force: { type: 'boolean' },
} as const satisfies Command['options'];

/** Help on {@link FILE_OPTIONS}. */
export const FILE_HELP: readonly string[] = [
  '--config FILE   takes the options of a stream of this configuration, its source and targets left out',
  '--stream ID     which one, where there are several',
  '--model NAME    the detector, a name of diptych models list',
  '--pose NAME     a network beside it that reads poses (detect.pose); off: none',
  '--gpu USE       auto works on an NVIDIA GPU where there is one; off, or require',
  '--force         replaces output files that exist; else they are refused',
];
