import type { TokenFile } from '../gateway/access/token-file.adapter.js';
import { closestWord } from '../shared/config/closest-word.js';
import { DiptychError } from '../shared/domain/errors.js';
import { ROLES, type Role } from '../shared/domain/role.js';
import { listOption, positionalArguments, textOption, type Command, type CommandArguments } from './command.js';

const ACTIONS = ['add', 'list', 'remove', 'make'];
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/i;

/** `diptych token`: who may use a gateway. */
export const tokenCommand: Command = {
  name: 'token',
  synopsis:
    'add NAME [--role view|operate|admin] [--stream ID]… | list | remove NAME | make   [--config FILE] [--state FOLDER]',
  summary: 'Tokens: who may watch, operate and administer the gateway.',
  options: {
    role: { type: 'string' },
    stream: { type: 'string', multiple: true },
    config: { type: 'string' },
    state: { type: 'string' },
  },
  help: [
    'add NAME        makes a token and prints it, once; a gateway that runs takes it within a second',
    'list            the tokens that were made, without the tokens themselves',
    'remove NAME     takes a token away: sessions, links and players that came of it end',
    'make            prints a token and its hash, for access.tokens of a configuration; keeps nothing',
    '--role ROLE     view watches; operate also arranges tiles, records and publishes; admin (default) does everything',
    '--stream ID     the only stream that it is for (may be given again), with view and operate',
    '--config FILE   of the gateway, as with run: its folder of the state keeps the tokens',
    '--state FOLDER  that folder itself, as with run',
  ],
  async run(args) {
    const [action, ...rest] = args.positionals;
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    if (action === 'add') await add(args, nameOf(rest), say);
    else if (action === 'remove') await remove(args, nameOf(rest), say);
    else if (action === 'list' || action === 'make') {
      positionalArguments(this, { ...args, positionals: rest }, []);
      await (action === 'list' ? list(args, say) : make(say));
    } else throw unknownAction(action);
    return 0;
  },
};

type Say = (line: string) => void;

async function add(args: CommandArguments, name: string, say: Say): Promise<void> {
  const streams = listOption(args, 'stream');
  const role = roleOf(textOption(args, 'role') ?? (streams.length > 0 ? 'view' : 'admin'));
  if (role === 'admin' && streams.length > 0) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      'role admin is for all streams; leave --stream out, or add --role operate',
    );
  }
  const file = await tokenFile(args);
  const wish = { name, role, ...(streams.length > 0 && { streams: [...streams] }) };
  const token = await file.add(wish, new Date().toISOString());
  say(token);
  process.stderr.write(`kept as a hash in ${file.path}; this is the only time that the token is shown\n`);
}

async function remove(args: CommandArguments, name: string, say: Say): Promise<void> {
  await (await tokenFile(args)).remove(name);
  say(`"${name}" may use the gateway no more`);
}

async function list(args: CommandArguments, say: Say): Promise<void> {
  const tokens = await (await tokenFile(args)).read();
  if (tokens.length === 0) process.stderr.write('there are no tokens; make one with diptych token add NAME\n');
  for (const { name, role, streams, since } of tokens) {
    say(`${name}  ${role}  ${streams?.join(',') ?? 'all streams'}  since ${since.slice(0, 10)}`);
  }
}

async function make(say: Say): Promise<void> {
  const { hashToken, makeToken } = await import('../gateway/access/token-hash.js');
  const token = makeToken();
  say(`token  ${token}`);
  say(`hash   ${hashToken(token)}`);
}

/** Where the gateway of this configuration keeps its tokens. */
async function tokenFile(args: CommandArguments): Promise<TokenFile> {
  const files = await import('../gateway/access/token-file.adapter.js');
  const { accessFolderOf } = await import('./load-config.adapter.js');
  const file = textOption(args, 'config');
  const state = textOption(args, 'state');
  const folder = await accessFolderOf({
    ...(file !== undefined && { file }),
    ...(state !== undefined && { state }),
    environment: process.env,
  });
  if (folder !== undefined) return new files.TokenFile(folder);
  throw new DiptychError(
    'DIPTYCH_E_CONFLICT',
    'state.folder is empty, so that nothing is kept; write the tokens into access.tokens (diptych token make)',
  );
}

function nameOf([name, ...more]: readonly string[]): string {
  if (name !== undefined && more.length === 0 && NAME.test(name)) return name;
  throw new DiptychError('DIPTYCH_E_USAGE', 'give one name: letters, digits and dashes, at most 63');
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role) return role;
  throw new DiptychError('DIPTYCH_E_USAGE', `--role: expected ${ROLES.join(', ')}, got "${text}"`);
}

function unknownAction(action: string | undefined): DiptychError {
  const got = action === undefined ? 'token needs an action' : `token has no action "${action}"`;
  const meant = action === undefined ? undefined : closestWord(action, ACTIONS);
  const advice = meant === undefined ? ACTIONS.join(', ') : `did you mean "${meant}"?`;
  return new DiptychError('DIPTYCH_E_USAGE', `${got}; ${advice}`);
}
