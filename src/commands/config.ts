import { DiptychError } from '#domain/errors.js';
import { positionalArguments, type Command } from './command.js';

export const configCommand: Command = {
  name: 'config',
  synopsis: 'check FILE | schema',
  summary: 'Checks a configuration file, or prints its JSON schema.',
  options: {},
  help: [
    'check FILE   says whether the file is right, and if not, the line and what to write',
    'schema       prints the JSON schema, for editors and tools',
  ],
  async run(args) {
    const { loadConfigFile } = await import('#config/load.adapter.js');
    const { gatewayJsonSchema } = await import('#config/json-schema.js');
    const [action, ...rest] = args.positionals;
    if (action === 'schema') {
      positionalArguments(this, { ...args, positionals: rest }, []);
      process.stdout.write(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`);
      return 0;
    }
    if (action === 'check') {
      const [file = ''] = positionalArguments(this, { ...args, positionals: rest }, ['FILE']);
      const { streams } = await loadConfigFile(file);
      process.stdout.write(`${file}: right; ${streams.length} stream${streams.length === 1 ? '' : 's'}\n`);
      return 0;
    }
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `expected "check FILE" or "schema", got ${action === undefined ? 'nothing' : `"${action}"`}`,
    );
  },
};
