import { resolve } from 'node:path';
import { closestWord } from '../shared/config/closest-word.js';
import { DiptychError } from '../shared/domain/errors.js';
import { positionalArguments, textOption, type Command } from './command.js';

const ACTIONS = ['install', 'remove'];
const CONFIG = '/etc/diptych/gateway.yaml';

/** `diptych service`: the gateway as a systemd service. */
export const serviceCommand: Command = {
  name: 'service',
  synopsis: 'install [--now] [--config FILE] [--root FOLDER] | remove [--root FOLDER]',
  summary: 'Installs the gateway as a systemd service: unit, user, folders, a first configuration.',
  options: { config: { type: 'string' }, root: { type: 'string' }, now: { type: 'boolean' } },
  help: [
    'install          writes the unit and what it needs; again after an update of Node or Diptych',
    '--now            starts it, too, and with each start of the machine',
    'remove           stops it and removes the unit; configuration, state and recordings stay',
    `--config FILE    what the service reads; ${CONFIG} by default, made where it is missing`,
    '--root FOLDER    writes below FOLDER, for a package or an image, and makes no user',
  ],
  async run(args) {
    const [action, ...rest] = args.positionals;
    if (action === undefined || !ACTIONS.includes(action)) throw unknownAction(action);
    positionalArguments(this, { ...args, positionals: rest }, []);
    const { installService, removeService } = await import('./service/install.adapter.js');
    const given = textOption(args, 'root');
    const root = given === undefined || resolve(given) === '/' ? '' : resolve(given);
    const lines =
      action === 'install'
        ? installService({ root, config: textOption(args, 'config') ?? CONFIG, isStarted: args.values['now'] === true })
        : removeService({ root });
    process.stdout.write(`${lines.join('\n')}\n`);
    if (action === 'install' && root === '' && args.values['now'] !== true) {
      process.stdout.write('start it: systemctl enable --now diptych · what it says: journalctl -u diptych -f\n');
    }
    return 0;
  },
};

function unknownAction(action: string | undefined): DiptychError {
  const got = action === undefined ? 'service needs an action' : `service has no action "${action}"`;
  const meant = action === undefined ? undefined : closestWord(action, ACTIONS);
  return new DiptychError(
    'DIPTYCH_E_USAGE',
    `${got}; ${meant === undefined ? 'install or remove' : `did you mean "${meant}"?`}`,
  );
}
