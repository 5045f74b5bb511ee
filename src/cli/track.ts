import { dirname, extname, join } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import { gpuOption, numberOption, positionalArguments, textOption, type Command } from './command.js';
import { writeOutputs, type CommandFiles } from './output-files.adapter.js';
import { requireFile } from './render.js';

/** `diptych track`: tracks of the people of a video, as a file. */
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
    const embeddings = textOption(args, 'embeddings');
    const fps = numberOption(args, 'fps', { min: 1, max: 240 });
    const use = gpuOption(args);
    const { trackSource } = await import('../offline/track.js');
    const { openMotFile } = await import('../offline/mot-file.adapter.js');
    const reid = reidMode(textOption(args, 'reid'));
    const summary = await writeOutputs(filesOf({ input, embeddings, outPath, eventsPath }), async (partOf) => {
      const options = {
        outPath: partOf(outPath),
        ...(eventsPath !== undefined && { eventsPath: partOf(eventsPath) }),
        ...(reid && { reid }),
      };
      if (extname(input) === '.txt') return trackSource(await openMotFile(input, fps, embeddings), options);
      const { openVideo } = await import('../offline/video-detections.js');
      return trackSource(await openVideo(input, { reid: reid ?? 'conditional', gpu: use && { use } }, signal), options);
    });
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return 0;
  },
};

interface TrackPaths {
  readonly input: string;
  readonly embeddings: string | undefined;
  readonly outPath: string;
  readonly eventsPath: string | undefined;
}

function filesOf({ input, embeddings, outPath, eventsPath }: TrackPaths): CommandFiles {
  return {
    inputs: [
      { name: 'IN', path: input },
      ...(embeddings === undefined ? [] : [{ name: '--embeddings', path: embeddings }]),
      // The frame rate of a det.txt is read from there.
      ...[dirname(input), dirname(dirname(input))].map((folder) => {
        const path = join(folder, 'seqinfo.ini');
        return { name: 'seqinfo.ini', path };
      }),
    ],
    outputs: [
      { name: '--out', path: outPath },
      ...(eventsPath === undefined ? [] : [{ name: '--events', path: eventsPath }]),
    ],
  };
}

function reidMode(text: string | undefined): 'conditional' | 'always' | 'off' | undefined {
  if (text === undefined || text === 'conditional' || text === 'always' || text === 'off') return text;
  throw new DiptychError('DIPTYCH_E_USAGE', `--reid: expected conditional, always or off, got "${text}"`);
}
