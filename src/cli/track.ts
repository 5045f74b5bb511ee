import { extname } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import { gpuOption, numberOption, positionalArguments, textOption, type Command } from './command.js';
import { requireFile } from './render.js';

export const trackCommand: Command = {
  name: 'track',
  synopsis:
    'IN --out FILE [--events FILE.jsonl] [--reid conditional|always|off] [--fps N] [--embeddings FILE] [--gpu auto|off|require]',
  summary: 'Follows the people of a video or of a MOT det.txt and writes their tracks, nothing else.',
  options: {
    out: { type: 'string' },
    events: { type: 'string' },
    reid: { type: 'string' },
    fps: { type: 'string' },
    embeddings: { type: 'string' },
    gpu: { type: 'string' },
  },
  help: [
    '--out FILE         tracks in MOT format, frames counted from 1',
    '--events FILE      one JSON object a line: what happened to identities, and why',
    '--reid MODE        conditional (the default), always, or off',
    '--fps N            frame rate of a det.txt; without it that of seqinfo.ini beside it, else 30',
    '--embeddings FILE  appearance for a det.txt: 64 signed bytes a line of it',
    '--gpu USE          for a video: auto (the default) works on an NVIDIA GPU where there is one; off, or require',
  ],
  async run(args, signal) {
    const [input = ''] = positionalArguments(this, args, ['IN']);
    const outPath = textOption(args, 'out');
    if (outPath === undefined) {
      throw new DiptychError('DIPTYCH_E_USAGE', `--out FILE is missing; usage: diptych track ${this.synopsis}`);
    }
    await requireFile(input);
    const eventsPath = textOption(args, 'events');
    const fps = numberOption(args, 'fps', { min: 1, max: 240 });
    const use = gpuOption(args);
    const { openMotFile, trackSource } = await import('../offline/track.js');
    const reid = reidMode(textOption(args, 'reid'));
    const options = { outPath, ...(eventsPath !== undefined && { eventsPath }), ...(reid && { reid }) };
    const summary =
      extname(input) === '.txt'
        ? await trackSource(await openMotFile(input, fps, textOption(args, 'embeddings')), options)
        : await trackSource(
            await (
              await import('../offline/video-detections.js')
            ).openVideo(input, reid ?? 'conditional', signal, use && { use }),
            options,
          );
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return 0;
  },
};

function reidMode(text: string | undefined): 'conditional' | 'always' | 'off' | undefined {
  if (text === undefined || text === 'conditional' || text === 'always' || text === 'off') return text;
  throw new DiptychError('DIPTYCH_E_USAGE', `--reid: expected conditional, always or off, got "${text}"`);
}
