import { stat } from 'node:fs/promises';
import { DiptychError } from '../shared/domain/errors.js';
import { writeOutputs } from './output-files.adapter.js';
import { gpuOption, positionalArguments, textOption, type Command } from './command.js';

const PROGRESS_EVERY_FRAMES = 150;

/** `diptych render`: the two-shot of a file, as a file. */
export const renderCommand: Command = {
  name: 'render',
  synopsis: 'IN OUT.mp4 [--events FILE.jsonl] [--gpu auto|off|require]',
  summary: 'Makes the two-shot of a file with the live chain, as fast as possible, with the same result every time.',
  options: { events: { type: 'string' }, gpu: { type: 'string' } },
  help: [
    '--events FILE   one JSON object a line: people, tiles and layout of every output frame',
    '--gpu USE       auto (the default) works on an NVIDIA GPU where there is one; off, or require',
  ],
  async run(args, signal) {
    const [input = '', output = ''] = positionalArguments(this, args, ['IN', 'OUT.mp4']);
    await requireFile(input);
    const { renderFile } = await import('../offline/render.js');
    const { createLogger } = await import('../shared/telemetry/logger.js');
    const eventsPath = textOption(args, 'events');
    const use = gpuOption(args);
    const outputs = [
      { name: 'OUT.mp4', path: output },
      ...(eventsPath === undefined ? [] : [{ name: '--events', path: eventsPath }]),
    ];
    const summary = await writeOutputs({ inputs: [{ name: 'IN', path: input }], outputs }, (partOf) =>
      renderFile(
        {
          input,
          output: partOf(output),
          ...(eventsPath !== undefined && { eventsPath: partOf(eventsPath) }),
          ...(use && { gpu: { use } }),
          logger: createLogger({ level: 'warn' }),
          onProgress: (frames) => {
            if (frames % PROGRESS_EVERY_FRAMES === 0) process.stderr.write(`${frames} frames\n`);
          },
        },
        signal,
      ),
    );
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return 0;
  },
};

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
