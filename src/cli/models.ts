import { closestWord } from '../shared/config/closest-word.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { ModelStore } from '../stream/models/model-store.adapter.js';
import { flagOption, positionalArguments, type Command, type CommandArguments } from './command.js';

const ACTIONS = ['list', 'fetch', 'verify', 'add', 'convert'] as const;
type Action = (typeof ACTIONS)[number];

/** Which options go with which action. */
const OPTIONS: Readonly<Record<Action, readonly string[]>> = {
  list: ['json'],
  fetch: ['all'],
  verify: ['json'],
  add: ['name', 'task', 'decoder', 'metric', 'classes', 'keypoints', 'channels', 'mean', 'scale', 'licence'],
  convert: ['fp16', 'dynamic-batch', 'out', 'force'],
};

/** `diptych models`: lists, fetches, checks, adds and converts models. */
export const modelsCommand: Command = {
  name: 'models',
  synopsis: '[list | fetch [NAME…] | verify | add FILE | convert MODEL] [OPTIONS]',
  summary: 'The model store: which models there are, and which are on this machine.',
  options: {
    json: { type: 'boolean' },
    all: { type: 'boolean' },
    fp16: { type: 'boolean' },
    'dynamic-batch': { type: 'boolean' },
    force: { type: 'boolean' },
    ...Object.fromEntries([...OPTIONS.add, 'out'].map((name) => [name, { type: 'string' as const }])),
  },
  help: [
    'list           every model and where it is (the default); --json for programs',
    'fetch [NAME…]  fetches them; without a name, what the default configuration uses; --all: every one that has a source',
    'verify         checks every file on this machine: its checksum, and that it runs and gives what it should;',
    '               exit status 1 where one does not; --json for programs',
    'add FILE       takes a model of your own into the store, for detect.model, detect.pose or reid.model:',
    '  --task TASK      face-detector, person-detector, embedder or pose; not needed for networks that are told by',
    '                   their outputs: RTMPose (for detect.pose) and RTMO (for detect.model)',
    '  --decoder NAME   how a detector is read: yunet, blazeface, scrfd or yolov8',
    '  --name NAME      what it is called; else its file’s name',
    '  --classes N --keypoints N                  of the yolov8 decoder, where its outputs leave it open',
    '  --channels RGB|BGR --mean N --scale N      tensor = (pixel − mean) × scale, pixels 0 … 255;',
    '                                             else as the models of that decoder take them',
    '  --metric cosine|l2 --licence TEXT',
    'convert MODEL  makes another form of a model, given by its name or as FILE.onnx:',
    '  --fp16           computes with 16-bit floats; what goes in and comes out stays 32-bit',
    '  --dynamic-batch  takes any number of pictures at a time, where its graph allows it',
    '  --out FILE       writes it there; else NAME.fp16.onnx (NAME.batch.onnx) in the store or beside FILE.onnx',
    '  --force          replaces FILE of --out where it exists',
    'convert NAME [FILE…]  makes the ONNX file of a model that is published in another form, if it is missing;',
    '               from FILE… where its source files, in the order of the manifest, lie on this machine',
  ],
  async run(args, signal) {
    const { ModelStore } = await import('../stream/models/model-store.adapter.js');
    const [name = 'list', ...names] = args.positionals;
    const action = ACTIONS.find((each) => each === name);
    if (action === undefined) {
      const meant = closestWord(name, ACTIONS);
      const advice = meant === undefined ? `expected one of ${ACTIONS.join(', ')}` : `did you mean "${meant}"?`;
      throw new DiptychError('DIPTYCH_E_USAGE', `models has no action "${name}"; ${advice}`);
    }
    refuseOptionsOfOthers(action, args);
    const warn = (text: string): void => void process.stderr.write(`${text}\n`);
    const store = new ModelStore({ onNotice: warn });
    switch (action) {
      case 'list':
      case 'verify':
        positionalArguments(this, { ...args, positionals: names }, []);
        return list(action, (onNotice) => new ModelStore({ onNotice }), flagOption(args, 'json'));
      case 'fetch':
        return fetchModels(store, names, flagOption(args, 'all'), signal);
      case 'add': {
        const { addModel } = await import('./models/add.js');
        print(await addModel(store, names, args));
        return 0;
      }
      case 'convert': {
        const { convertModel } = await import('./models/convert.js');
        print(await convertModel(store, names, args, signal));
        return 0;
      }
    }
  },
};

function refuseOptionsOfOthers(action: Action, { values }: CommandArguments): void {
  const foreign = Object.keys(values).find((option) => !OPTIONS[action].includes(option));
  if (foreign === undefined) return;
  throw new DiptychError('DIPTYCH_E_USAGE', `models ${action} has no option --${foreign}`);
}

async function list(
  action: 'list' | 'verify',
  openStore: (onNotice: (text: string) => void) => ModelStore,
  isJson: boolean,
): Promise<number> {
  const { listModels, showModels, showVerdicts } = await import('./models/list.js');
  const rows = await listModels(openStore, { isTried: action === 'verify' });
  if (isJson) print(JSON.stringify(rows, undefined, 2));
  else for (const line of action === 'list' ? showModels(rows) : showVerdicts(rows)) print(line);
  return action === 'verify' && rows.some(({ problem }) => problem !== undefined) ? 1 : 0;
}

async function fetchModels(
  store: ModelStore,
  names: readonly string[],
  isAll: boolean,
  signal: AbortSignal,
): Promise<number> {
  if (isAll && names.length > 0) throw new DiptychError('DIPTYCH_E_USAGE', 'models fetch: --all, or names, not both');
  if (isAll) return fetchAll(store, signal);
  if (names.length === 0) {
    const { reidSchema } = await import('../shared/config/stage-schemas.js');
    const { entry, path, reason } = await store.resolveDetector('auto', signal);
    print(`${entry.name}: ${path} (${reason})`);
    const embedder = await store.resolveEmbedder(reidSchema.parse({}).model, signal);
    print(`${embedder.entry.name}: ${embedder.path}`);
  }
  for (const name of names) {
    const { path, origin } = await store.fetch(name, signal);
    print(`${name}: ${path} (${origin})`);
  }
  return 0;
}

/** A model that cannot be fetched does not stop the others. */
async function fetchAll(store: ModelStore, signal: AbortSignal): Promise<number> {
  let failures = 0;
  for (const { name, sources } of (await store.manifest()).models) {
    if (sources.length === 0) continue;
    try {
      const { path, origin } = await store.fetch(name, signal);
      print(`${name}: ${path} (${origin})`);
    } catch (error) {
      if (signal.aborted || !(error instanceof DiptychError)) throw error;
      failures += 1;
      process.stderr.write(`${error.code}: ${error.message}\n`);
    }
  }
  return failures === 0 ? 0 : 1;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
