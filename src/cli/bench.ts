import { DiptychError } from '../shared/domain/errors.js';
import {
  numberOption,
  positionalArguments,
  sizeOption,
  textOption,
  type Command,
  type CommandArguments,
} from './command.js';

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
  publish: {
    summary:
      'the same with the camera of a browser: WHIP in, the composed picture in another Chromium (--seconds, --loss %)',
    async run(args, signal) {
      const { benchPublish } = await import('../bench/publish.js');
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      const loss = numberOption(args, 'loss', { min: 0, max: 50 });
      return benchPublish({ ...(seconds !== undefined && { seconds }), ...(loss !== undefined && { loss }) }, signal);
    },
  },
  loss: {
    summary:
      'how long the picture stands where packets are lost, by a time code: viewers of the page, WHEP players, a browser that publishes (--seconds of each)',
    async run(args, signal) {
      const { benchLoss } = await import('../bench/loss.js');
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      return benchLoss({ ...(seconds !== undefined && { seconds }) }, signal);
    },
  },
  joins: {
    summary:
      'viewers who join one after another while the stream is published: time to the first picture of each, and distances of keyframes on RTMP (--viewers, --seconds)',
    async run(args, signal) {
      const { benchJoins } = await import('../bench/joins.js');
      const viewers = numberOption(args, 'viewers', { min: 1, max: 1000, integer: true });
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      return benchJoins(
        { ...(viewers !== undefined && { viewers }), ...(seconds !== undefined && { seconds }) },
        signal,
      );
    },
  },
  start: {
    summary: 'from `diptych run` to pictures in Chromium, and from the request of a further stream to its (--rounds)',
    async run(args, signal) {
      const { benchStart } = await import('../bench/start.js');
      const rounds = numberOption(args, 'rounds', { min: 1, max: 100, integer: true });
      return benchStart({ ...(rounds !== undefined && { rounds }) }, signal);
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
  changes: {
    summary:
      'made-up people after hard cuts, replaced in sight, before a weak detector, sitting still (--seeds of each)',
    async run(args) {
      const { benchChanges } = await import('../bench/identity-changes.js');
      return benchChanges(numberOption(args, 'seeds', { min: 1, max: 1000, integer: true }) ?? 8);
    },
  },
  faces: {
    summary: 'two real people who meet, hide each other, leave, come back and are replaced: swaps, tiles, embeddings',
    async run(_args, signal) {
      const { benchFaceScenes } = await import('../bench/face-scenes.js');
      return benchFaceScenes(signal);
    },
  },
  soak: {
    summary:
      'a flapping camera, viewers who come and go, a target that fails: memory, handles, threads, pictures, lip sync (--minutes, --flap-every S, --down S,S, --warm-up MINUTES, --growth MB/H, --out)',
    async run(args, signal) {
      const { benchSoak } = await import('../bench/soak.js');
      const minutes = numberOption(args, 'minutes', { min: 1, max: 14_400 });
      const warmUpMinutes = numberOption(args, 'warm-up', { min: 0, max: 14_400 });
      const flapEveryS = numberOption(args, 'flap-every', { min: 2, max: 86_400 });
      const downS = secondsList(args, 'down');
      const mostGrowthMbPerH = numberOption(args, 'growth', { min: 0, max: 100_000 });
      const out = textOption(args, 'out');
      return benchSoak(
        {
          ...(minutes !== undefined && { minutes }),
          ...(warmUpMinutes !== undefined && { warmUpMinutes }),
          ...(mostGrowthMbPerH !== undefined && { mostGrowthMbPerH }),
          ...(flapEveryS !== undefined && { flapEveryS }),
          ...(downS !== undefined && { downS }),
          ...(out !== undefined && { out }),
          onProgress: (text) => void process.stderr.write(`${text}\n`),
        },
        signal,
      );
    },
  },
  load: {
    summary:
      'more streams of 720p than the machine can carry: what each delivers, how late, how evenly (--streams, --seconds)',
    async run(args, signal) {
      const { benchLoad } = await import('../bench/load.js');
      const streams = numberOption(args, 'streams', { min: 1, max: 64, integer: true });
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      return benchLoad(
        { ...(streams !== undefined && { streams }), ...(seconds !== undefined && { seconds }) },
        signal,
      );
    },
  },
  capacity: {
    summary:
      'how many streams this machine holds with every picture in time, and what is full first; kept for cluster.units and limits.streams (--config FILE of the gateway, --seconds of each try, --size WxH, --most STREAMS)',
    async run(args, signal) {
      const [{ benchCapacity }, { keepCapacity, capacityFolder }] = await Promise.all([
        import('../bench/capacity.js'),
        import('./keep-capacity.adapter.js'),
      ]);
      const folder = await capacityFolder(textOption(args, 'config'));
      const seconds = numberOption(args, 'seconds', { min: 5, max: 3600 });
      const most = numberOption(args, 'most', { min: 1, max: 256, integer: true });
      const size = sizeOption(args);
      const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
      const result = await benchCapacity(
        {
          ...(seconds !== undefined && { seconds }),
          ...(most !== undefined && { most }),
          ...(size && { size }),
          onProgress,
        },
        signal,
      );
      await keepCapacity(result, folder, onProgress);
      return result;
    },
  },
  frame: {
    summary: 'where the time and bytes of a frame go, by process and thread (--seconds)',
    async run(args, signal) {
      const { benchFrame } = await import('../bench/frame.js');
      const seconds = numberOption(args, 'seconds', { min: 2, max: 600 });
      return benchFrame({ ...(seconds !== undefined && { seconds }) }, signal);
    },
  },
  guard: {
    summary:
      'whether the code became slower: costs beside floors of the same run and the ratios on record; fails beyond 15 % (--rounds, --seconds of each window of the overhead, 0 leaves it out)',
    async run(args, signal) {
      const { benchGuard } = await import('../bench/guard.js');
      const rounds = numberOption(args, 'rounds', { min: 1, max: 100, integer: true });
      const seconds = numberOption(args, 'seconds', { min: 0, max: 600 });
      return benchGuard(
        {
          ...(rounds !== undefined && { rounds }),
          ...(seconds !== undefined && { seconds }),
          onProgress: (text) => void process.stderr.write(`${text}\n`),
        },
        signal,
      );
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

/** Numbers with commas between them, s; `undefined` where the option was not given. */
function secondsList(args: CommandArguments, name: string): readonly number[] | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every((value) => value >= 0 && value <= 3600)) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `--${name}: expected seconds with commas between, such as 3,10, got "${text}"`,
    );
  }
  return values;
}

/** Former names of benchmarks, which still work. */
const ALIASES: Readonly<Record<string, string>> = { floor: 'overhead' };

const names = Object.keys(BENCHMARKS);

/** `diptych bench`: runs one benchmark and prints its result as JSON. */
export const benchCommand: Command = {
  name: 'bench',
  synopsis: '[NAME] [--seconds S] [--rounds N] [--seeds N] [--minutes M] [--dir FOLDER] [--out FOLDER]',
  summary: 'The benchmarks; the result is one JSON object on the last line.',
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    config: { type: 'string' },
    dir: { type: 'string' },
    out: { type: 'string' },
    streams: { type: 'string' },
    most: { type: 'string' },
    size: { type: 'string' },
    minutes: { type: 'string' },
    'warm-up': { type: 'string' },
    'flap-every': { type: 'string' },
    down: { type: 'string' },
    growth: { type: 'string' },
    loss: { type: 'string' },
    viewers: { type: 'string' },
    seeds: { type: 'string' },
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
    const result = await benchmark.run(args, signal);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return 'passed' in result && result.passed === false ? 1 : 0;
  },
};
