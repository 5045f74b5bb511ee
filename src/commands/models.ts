import { DiptychError } from '#domain/errors.js';
import { positionalArguments, type Command } from './command.js';

const ACTIONS = ['list', 'fetch', 'verify', 'convert'] as const;

export const modelsCommand: Command = {
  name: 'models',
  synopsis: '[list | fetch [NAME…] | verify | convert MODEL [OPTIONS]]',
  summary: 'The model store: what there is, and what lies on this machine.',
  options: { fp16: { type: 'boolean' }, 'dynamic-batch': { type: 'boolean' }, out: { type: 'string' } },
  help: [
    'list           every model of models/manifest.json and where it lies (the default)',
    'fetch [NAME…]  fetches them; without a name, what the default configuration uses',
    'verify         the same; fails where a file on this machine is damaged',
    'convert MODEL  makes another form of a model, given by its name or as FILE.onnx:',
    '  --fp16           computes with 16-bit floats; what goes in and comes out stays 32-bit',
    '  --dynamic-batch  takes any number of pictures at a time, where its graph allows it',
    '  --out FILE       writes it there; else NAME.fp16.onnx (NAME.batch.onnx) in the store or beside FILE.onnx',
    'convert NAME [FILE…]  makes the ONNX file of a model that is published in another form, if it is missing;',
    '               from FILE… where its source files, in the order of the manifest, lie on this machine',
  ],
  async run(args, signal) {
    const { ModelStore } = await import('#inference/model-store.adapter.js');
    const { reidSchema } = await import('#config/schema.js');
    const [action = 'list', ...names] = args.positionals;
    let notices = 0;
    const store = new ModelStore({
      onNotice: (text) => {
        notices += 1;
        process.stderr.write(`${text}\n`);
      },
    });
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    switch (action) {
      case 'list':
      case 'verify': {
        positionalArguments(this, { ...args, positionals: names }, []);
        for (const { name, task, licence } of (await store.manifest()).models) {
          const found = await store.find(name);
          print(
            `${name.padEnd(20)} ${task.padEnd(16)} ${licence.padEnd(28)} ${found ? found.path : 'not on this machine'}`,
          );
        }
        return action === 'verify' && notices > 0 ? 1 : 0;
      }
      case 'fetch':
        if (names.length === 0) {
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
      case 'convert': {
        const { convertModel } = await import('./models-convert.js');
        print(await convertModel(store, names, args, signal));
        return 0;
      }
      default:
        throw new DiptychError('DIPTYCH_E_USAGE', `expected one of ${ACTIONS.join(', ')}, got "${action}"`);
    }
  },
};
