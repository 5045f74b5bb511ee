import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import { writeOutputs } from './output-files.adapter.js';
import { FILE_HELP, FILE_OPTIONS } from './file-arguments.js';
import { flagOption, positionalArguments, textOption, type Command } from './command.js';

/** Extensions of the containers that are written. */
const CONTAINERS: readonly string[] = ['.mp4'];

/** `diptych render`: the two-shot of a file, as a file. */
export const renderCommand: Command = {
  name: 'render',
  synopsis:
    'IN OUT.mp4 [--force] [--size WIDTHxHEIGHT] [--fps N] [--name NAME]… [--config FILE [--stream ID]] [--events FILE.jsonl] [--model NAME] [--pose NAME] [--gpu auto|off|require]',
  summary: 'Makes the two-shot of a file with the live chain, as fast as possible, with the same result every time.',
  options: {
    ...FILE_OPTIONS,
    events: { type: 'string' },
    size: { type: 'string' },
    fps: { type: 'string' },
    name: { type: 'string', multiple: true },
  },
  help: [
    '--size SIZE     of the output, such as 1280x720; without it 1920x1080',
    '--fps N         frames a second of the output; without it 30',
    '--name NAME     of a person, in the order in which they come, then left to right (may be given again)',
    '--events FILE   one JSON object a line: people, tiles and layout of every output frame',
    ...FILE_HELP,
  ],
  async run(args, signal) {
    const [input = '', output = ''] = positionalArguments(this, args, ['IN', 'OUT.mp4']);
    await requireFile(input);
    const eventsPath = textOption(args, 'events');
    const outputs = [
      { name: 'OUT.mp4', path: output },
      ...(eventsPath === undefined ? [] : [{ name: '--events', path: eventsPath }]),
    ];
    const files = { inputs: [{ name: 'IN', path: input }], outputs, force: flagOption(args, 'force'), signal };
    const { fileSettings } = await import('./file-options.js');
    const settings = await fileSettings(args);
    const { renderFile } = await import('../offline/render.js');
    const { createLogger } = await import('../shared/telemetry/logger.js');
    const { ProgressLine } = await import('./progress-line.adapter.js');
    const progress = new ProgressLine();
    const summary = await writeOutputs(files, async (partOf) => {
      await requireContainer(output);
      const options = {
        ...settings,
        input,
        output: partOf(output),
        ...(eventsPath !== undefined && { eventsPath: partOf(eventsPath) }),
        logger: createLogger({ level: 'warn' }),
        onProgress: (frames: number, shareOf: () => number | undefined) => progress.update(frames, shareOf),
      };
      return renderFile(options, signal);
    }).finally(() => progress.end());
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return 0;
  },
};

/** A device, such as `/dev/null`, may have any name. */
async function requireContainer(path: string): Promise<void> {
  const extension = extname(path);
  if (CONTAINERS.includes(extension.toLowerCase())) return;
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return;
  const got = extension === '' ? 'no extension' : `"${extension}"`;
  throw new DiptychError(
    'DIPTYCH_E_USAGE',
    `OUT.mp4: ${path} has ${got}; an MP4 file is written, name it ${CONTAINERS.map((one) => `NAME${one}`).join(' or ')}`,
  );
}

/**
 * Checks that an input is there before anything else is begun. @throws {@link DiptychError} `DIPTYCH_E_USAGE`
 * unless it is a file.
 */
export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new DiptychError('DIPTYCH_E_USAGE', `there is no file ${path}; give the path of a video`);
  }
}
