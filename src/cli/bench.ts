import { DiptychError } from '../shared/domain/errors.js';
import { numberOption, positionalArguments, textOption, type Command, type CommandArguments } from './command.js';

interface Benchmark {
  readonly summary: string;
  run(args: CommandArguments, signal: AbortSignal): Promise<object>;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  overhead: {
    summary: 'CPU beside a bare GStreamer pipeline that does the same (--seconds a window, --rounds)',
    async run(args, signal) {
      const { benchOverhead } = await import('../bench/overhead.js');
      const seconds = numberOption(args, 'seconds', { min: 2, max: 600 });
      const rounds = numberOption(args, 'rounds', { min: 1, max: 20, integer: true });
      return benchOverhead(
        { ...(seconds !== undefined && { seconds }), ...(rounds !== undefined && { rounds }) },
        signal,
      );
    },
  },
  latency: {
    summary: 'glass to glass: a time code from the camera to the video element in Chromium (--seconds)',
    async run(args, signal) {
      const { benchLatency } = await import('../bench/latency.js');
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      return benchLatency({ ...(seconds !== undefined && { seconds }) }, signal);
    },
  },
  identity: {
    summary: 'swaps, new ids, IDF1 and embeddings on generated scenarios (--dir, or DIPTYCH_EVAL_DIR)',
    async run(args) {
      const { benchIdentity } = await import('../bench/identity.js');
      const directory = textOption(args, 'dir') ?? process.env['DIPTYCH_EVAL_DIR'];
      if (directory === undefined) {
        throw new DiptychError('DIPTYCH_E_USAGE', 'bench identity needs --dir with the folder of generated scenarios');
      }
      return benchIdentity(directory);
    },
  },
  faces: {
    summary: 'two real people who meet, hide each other, leave, come back and are replaced: swaps, tiles, embeddings',
    async run(_args, signal) {
      const { benchFaceScenes } = await import('../bench/face-scenes.js');
      return benchFaceScenes(signal);
    },
  },
  report: {
    summary: 'a page with plots: rates, delays and use of the GPU at four sizes, and the bottleneck (--out, --seconds)',
    async run(args, signal) {
      const { benchReport } = await import('../bench/report.js');
      const seconds = numberOption(args, 'seconds', { min: 1, max: 600 });
      const out = textOption(args, 'out');
      return benchReport(
        {
          ...(seconds !== undefined && { seconds }),
          ...(out !== undefined && { out }),
          onProgress: (text) => void process.stderr.write(`${text}\n`),
        },
        signal,
      );
    },
  },
};

/** Former names of benchmarks, which still work. */
const ALIASES: Readonly<Record<string, string>> = { floor: 'overhead' };

const names = Object.keys(BENCHMARKS);

/** `diptych bench`: runs one benchmark and prints its result as JSON. */
export const benchCommand: Command = {
  name: 'bench',
  synopsis: '[NAME] [--seconds S] [--rounds N] [--dir FOLDER] [--out FOLDER]',
  summary: 'The benchmarks; the result is one JSON object on the last line.',
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    dir: { type: 'string' },
    out: { type: 'string' },
  },
  help: Object.entries(BENCHMARKS).map(([name, { summary }]) => `${name.padEnd(10)} ${summary}`),
  async run(args, signal) {
    const [name] = args.positionals;
    if (name === undefined) {
      for (const line of this.help) process.stdout.write(`${line}\n`);
      return 0;
    }
    positionalArguments(this, args, ['NAME']);
    const benchmark = BENCHMARKS[ALIASES[name] ?? name];
    if (!benchmark) {
      throw new DiptychError('DIPTYCH_E_USAGE', `there is no benchmark "${name}"; use one of ${names.join(', ')}`);
    }
    process.stdout.write(`${JSON.stringify(await benchmark.run(args, signal))}\n`);
    return 0;
  },
};
