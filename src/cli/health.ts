import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { DiptychError } from '../shared/domain/errors.js';
import { readAddress } from './address-file.adapter.js';
import { positionalArguments, textOption, type Command } from './command.js';

/** Shorter than what containers give a check, ms. */
const LIMIT_MS = 2_500;
const DEFAULT_PORT = '8080';

/** `diptych health`: asks the gateway of this machine whether it runs, for the checks of containers. */
export const healthCommand: Command = {
  name: 'health',
  synopsis: '[--state FOLDER]',
  summary: 'Asks the gateway on this machine whether it runs; for the checks of containers.',
  options: { state: { type: 'string' } },
  help: [
    '--state FOLDER  that of the gateway (DIPTYCH_STATE_FOLDER), where it leaves word where it listens, and whether with',
    '                TLS; without such word, http://localhost with DIPTYCH_PORT, or 8080',
    'Exit status 0: it runs. 1: it does not answer.',
  ],
  async run(args) {
    positionalArguments(this, args, []);
    const { DIPTYCH_STATE_FOLDER, DIPTYCH_PORT } = process.env;
    const folder = textOption(args, 'state') ?? DIPTYCH_STATE_FOLDER;
    const told = folder === undefined ? undefined : await readAddress(folder);
    const url = told ?? `http://localhost:${DIPTYCH_PORT ?? DEFAULT_PORT}`;
    const status = await ask(url);
    if (status !== 200) {
      throw new DiptychError('DIPTYCH_E_NOT_READY', `${url}: answers with ${status}; see the log of the gateway`);
    }
    process.stdout.write(`${url}: runs\n`);
    return 0;
  },
};

/** The status of its answer. @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where it does not answer */
function ask(url: string): Promise<number> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  // Its certificate is for the names by which others reach it.
  const options = { signal, rejectUnauthorized: false };
  const get = url.startsWith('https:') ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const request = get(new URL('/healthz', url), options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', ({ message }) => {
      const reason = signal.aborted ? `not within ${LIMIT_MS / 1000} s` : message;
      const advice = 'start the gateway, or name its folder with --state';
      reject(new DiptychError('DIPTYCH_E_NOT_READY', `${url}: does not answer (${reason}); ${advice}`));
    });
  });
}
