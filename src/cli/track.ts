import { dirname, extname, join } from 'node:path';
import type { TrackSource, TrackSummary } from '../offline/track.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import { DiptychError } from '../shared/domain/errors.js';
import { FILE_HELP, FILE_OPTIONS } from './file-arguments.js';
import { flagOption, numberOption, positionalArguments, textOption, type Command } from './command.js';
import { writeOutputs, type CommandFiles } from './output-files.adapter.js';
import { requireFile } from './render.js';

/** `diptych track`: tracks of the people of a video, as a file. */
export const trackCommand: Command = {
  name: 'track',
  synopsis:
    'IN --out FILE [--force] [--events FILE.jsonl] [--reid conditional|always|off] [--fps N] [--embeddings FILE] [--config FILE [--stream ID]] [--model NAME] [--pose NAME] [--gpu auto|off|require]',
  summary: 'Follows the people of a video or of a MOT det.txt and writes their tracks, nothing else.',
  options: {
    ...FILE_OPTIONS,
    out: { type: 'string' },
    events: { type: 'string' },
    reid: { type: 'string' },
    fps: { type: 'string' },
    embeddings: { type: 'string' },
  },
  help: [
    '--out FILE      tracks in MOT format, frames counted from 1',
    '--events FILE   one JSON object a line: what happened to identities, and why',
    '--reid MODE     conditional (the default), always, or off',
    '--fps N         frame rate of a det.txt; without it that of seqinfo.ini beside it, else 30',
    '--embeddings FILE  appearance for a det.txt: 64 signed bytes a line of it',
    ...FILE_HELP,
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
    const reid = reidMode(textOption(args, 'reid'));
    const { fileSettings } = await import('./file-options.js');
    // Here it is the frame rate of a text file.
    const settings = await fileSettings({ ...args, values: { ...args.values, fps: undefined } });
    const { trackSource } = await import('../offline/track.js');
    const { ProgressLine } = await import('./progress-line.adapter.js');
    const progress = new ProgressLine();
    const files = filesOf({ input, embeddings, outPath, eventsPath });
    const summary = await writeOutputs({ ...files, force: flagOption(args, 'force'), signal }, async (partOf) => {
      const { track, detect, reid: identities } = settings.stream;
      const follow = <S extends DetectionSet>(source: TrackSource<S>): Promise<TrackSummary> => {
        const mode = reid ?? (source.embedder && identities.mode);
        const options = {
          outPath: partOf(outPath),
          ...(eventsPath !== undefined && { eventsPath: partOf(eventsPath) }),
          ...(mode && { reid: mode }),
          signal,
          onProgress: (frames: number, shareOf: () => number | undefined) => progress.update(frames, shareOf),
        };
        return trackSource({ ...source, track, riskThreshold: identities.riskThreshold }, options);
      };
      if (extname(input) === '.txt') {
        const { openMotFile } = await import('../offline/mot-file.adapter.js');
        return follow(await openMotFile(input, fps, embeddings));
      }
      const { openVideo } = await import('../offline/video-detections.js');
      const { gpu } = settings;
      const mode = reid ?? identities.mode;
      return follow(await openVideo(input, { reid: mode, identities, stream: { detect, track }, gpu }, signal));
    }).finally(() => progress.end());
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
