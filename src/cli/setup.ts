import { packagePath } from '../shared/package-root.js';
import { positionalArguments, type Command } from './command.js';

/** `diptych setup`: what the first start of any command does, and nothing else. The launcher has done it when this runs. */
export const setupCommand: Command = {
  name: 'setup',
  synopsis: '',
  summary: 'Installs what is missing, as the first start of any command does, and ends.',
  options: {},
  help: [],
  run(args) {
    positionalArguments(this, args, []);
    process.stdout.write(`set-up is done in ${packagePath('')}\n`);
    return Promise.resolve(0);
  },
};
