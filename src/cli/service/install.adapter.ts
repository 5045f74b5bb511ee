import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, parse } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { packagePath } from '../../shared/package-root.js';
import { cacheFolder } from '../../stream/models/cache-folder.adapter.js';
import { FIRST_CONFIG, unitText } from './unit.js';

const UNIT = '/etc/systemd/system/diptych.service';
const HOME = '/var/lib/diptych';
const CACHE = '/var/cache/diptych';
const USER = 'diptych';
/** Who may open cameras (V4L2) and GPUs, on Debian and its like. */
const DEVICE_GROUPS = ['video', 'render'];
const WORLD_READS = 0o005;

/** Where a service is installed. */
export interface ServicePlaces {
  /** Folder that stands for `/`: what is made for another machine or a package; `''` for this machine. */
  readonly root: string;
  /** Configuration file that the service reads, absolute. */
  readonly config: string;
  /** Whether it is started, now and with each start of the machine. @defaultValue false */
  readonly isStarted?: boolean;
}

/**
 * Writes the unit, the folders, and a first configuration where there is none, and makes the user
 * `diptych`. Done again, it brings the unit up to date and leaves configuration and state alone.
 *
 * @returns what was done, a line each
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where it may not, or the program lies where a service cannot read
 */
export function installService({ root, config, isStarted = false }: ServicePlaces): readonly string[] {
  if (!isAbsolute(config)) throw new DiptychError('DIPTYCH_E_USAGE', `--config ${config}: name the whole path`);
  const isHere = root === '';
  if (isHere && process.getuid?.() !== 0) {
    throw new DiptychError('DIPTYCH_E_USAGE', 'a service is installed by root; run sudo diptych service install');
  }
  const hasSystemd = isHere && existsSync('/run/systemd/system');
  if (isStarted && !hasSystemd) {
    const reason = isHere ? 'systemd does not run here' : 'with --root nothing is started';
    throw new DiptychError('DIPTYCH_E_USAGE', `--now: ${reason}; leave it out`);
  }
  if (isHere) for (const path of [process.execPath, packagePath('dist/main.js')]) refuseHidden(path);
  const done: string[] = [];
  const owner = isHere ? userIds(done) : undefined;
  const own = (path: string, mode: number): void => {
    chmodSync(path, mode);
    if (owner) chownSync(path, owner.uid, owner.gid);
  };
  for (const folder of [HOME, CACHE]) {
    mkdirSync(join(root, folder), { recursive: true });
    own(join(root, folder), 0o750);
  }
  done.push(`${HOME} and ${CACHE}: folders of the service`);
  done.push(...installConfig(join(root, config), config, owner?.gid));
  done.push(...installModels(root, own));
  const groups = DEVICE_GROUPS.filter((name) => isHere && knows('group', name));
  const template = readFileSync(packagePath('config/systemd/diptych.service'), 'utf8');
  const unit = unitText(template, { node: process.execPath, root: packagePath('').replace(/\/$/, ''), config, groups });
  replace(join(root, UNIT), unit, 0o644);
  done.push(`${UNIT}: the unit`);
  if (hasSystemd) run('systemctl', ['daemon-reload']);
  if (isStarted) {
    run('systemctl', ['enable', '--now', 'diptych']);
    done.push('diptych is started: journalctl -u diptych -f says what it does');
  }
  return done;
}

/** Stops the service and removes its unit; configuration, state and recordings stay. @returns what was done, a line each */
export function removeService({ root }: Pick<ServicePlaces, 'root'>): readonly string[] {
  const path = join(root, UNIT);
  if (!existsSync(path)) throw new DiptychError('DIPTYCH_E_NOT_FOUND', `${path}: there is no such service`);
  const isHere = root === '';
  if (isHere && process.getuid?.() !== 0) {
    throw new DiptychError('DIPTYCH_E_USAGE', 'a service is removed by root; run sudo diptych service remove');
  }
  const isRunning = isHere && existsSync('/run/systemd/system');
  if (isRunning) run('systemctl', ['disable', '--now', 'diptych']);
  rmSync(path);
  if (isRunning) run('systemctl', ['daemon-reload']);
  return [`${UNIT}: removed; /etc/diptych, ${HOME} and the user ${USER} stay`];
}

/** A program in somebody's own folder cannot be read by the service's user. */
function refuseHidden(path: string): void {
  for (let folder = dirname(path); folder !== parse(folder).root; folder = dirname(folder)) {
    const isHome = ['/home', '/root', '/run/user'].includes(folder);
    if (!isHome && (statSync(folder).mode & WORLD_READS) === WORLD_READS) continue;
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `${path} lies in ${folder}, which a service cannot read; install Node and Diptych for all users, ` +
        'such as: sudo npm install --global --prefix /usr/local diptych-….tgz',
    );
  }
}

/** User and group of the service; made where they are missing. */
function userIds(done: string[]): { readonly uid: number; readonly gid: number } {
  if (!knows('passwd', USER)) {
    run('useradd', [
      '--system',
      '--user-group',
      '--home-dir',
      HOME,
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ]);
    done.push(`user ${USER}: made`);
  }
  const id = (flag: string): number => Number(run('id', [flag, USER]).trim());
  return { uid: id('-u'), gid: id('-g') };
}

function installConfig(path: string, name: string, gid: number | undefined): readonly string[] {
  if (existsSync(path)) return [`${name}: kept as it is`];
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  replace(path, FIRST_CONFIG, 0o640);
  // It may hold passwords of cameras: root writes it, the service reads it.
  if (gid !== undefined) for (const owned of [path, dirname(path)]) chownSync(owned, 0, gid);
  return [`${name}: a first configuration, without streams`];
}

/** What set-up fetched lies in the cache of who ran it. */
function installModels(root: string, own: (path: string, mode: number) => void): readonly string[] {
  const from = cacheFolder('models');
  if (!existsSync(from)) return [];
  const target = join(root, CACHE, 'diptych');
  mkdirSync(target, { recursive: true });
  cpSync(from, join(target, 'models'), { recursive: true });
  const visit = (path: string): void => {
    const isFolder = statSync(path).isDirectory();
    own(path, isFolder ? 0o750 : 0o640);
    if (isFolder) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(target);
  return [`${CACHE}/diptych/models: the models`];
}

function replace(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, text, { mode });
  chmodSync(part, mode);
  renameSync(part, path);
}

const knows = (database: string, name: string): boolean => spawnSync('getent', [database, name]).status === 0;

function run(program: string, parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status === 0) return stdout;
  const reason = error?.message ?? stderr.trim().replace(/\s*\n\s*/g, ' ');
  throw new DiptychError('DIPTYCH_E_USAGE', `${program} ${parameters.join(' ')} failed: ${reason}`);
}
