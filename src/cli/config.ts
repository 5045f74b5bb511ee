import { closestWord } from '../shared/config/closest-word.js';
import { ConfigError, formatConfigIssue, formatCount } from '../shared/config/config-error.js';
import { gatewayJsonSchema } from '../shared/config/json-schema.js';
import { loadConfigFile } from './load-config.adapter.js';
import { DiptychError } from '../shared/domain/errors.js';
import { positionalArguments, type Command } from './command.js';

/** `diptych config`: checks a configuration file or prints the JSON schema. */
export const configCommand: Command = {
  name: 'config',
  synopsis: 'check FILE | schema',
  summary: 'Checks a configuration file, or prints its JSON schema.',
  options: {},
  help: [
    'check FILE   says whether the file is valid, and if not, the line and what to write',
    'schema       prints the JSON schema, for editors and tools',
  ],
  async run(args) {
    const [action, ...rest] = args.positionals;
    if (action === 'schema') {
      positionalArguments(this, { ...args, positionals: rest }, []);
      process.stdout.write(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`);
      return 0;
    }
    if (action === 'check') {
      const [file = ''] = positionalArguments(this, { ...args, positionals: rest }, ['FILE']);
      return check(file);
    }
    const meant = action === undefined ? undefined : closestWord(action, ['check', 'schema']);
    const advice = meant === undefined ? 'expected "check FILE" or "schema"' : `did you mean "${meant}"?`;
    const got = action === undefined ? 'config needs an action' : `config has no action "${action}"`;
    throw new DiptychError('DIPTYCH_E_USAGE', `${got}; ${advice}`);
  },
};

/** Unlike every other command, it reports every mistake it has words for, one a line. */
async function check(file: string): Promise<number> {
  try {
    const { streams } = await loadConfigFile(file);
    process.stdout.write(`${file}: right; ${streams.length} stream${streams.length === 1 ? '' : 's'}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const issue of error.issues) process.stderr.write(`${error.code}: ${formatConfigIssue(issue)}\n`);
    if (error.more > 0) {
      process.stderr.write(`${error.code}: ${file}: and ${formatCount(error.more)} more; correct these first\n`);
    }
    return 2;
  }
}
