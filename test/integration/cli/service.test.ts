import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'diptych-service-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const service = (...parameters: readonly string[]) =>
  spawnSync(process.execPath, ['dist/main.js', 'service', ...parameters], { encoding: 'utf8' });

const UNIT = 'etc/systemd/system/diptych.service';
const CONFIG = 'etc/diptych/gateway.yaml';
const WORST_EXPOSURE = 3;

describe('diptych service install', () => {
  it('writes a unit that systemd takes and finds safe', () => {
    const { status, stderr } = service('install', '--root', root);
    const unit = join(root, UNIT);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
    const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', unit], { encoding: 'utf8' });
    const exposure = Number(/exposure level for diptych\.service: ([\d.]+)/.exec(judged.stdout)?.[1]);
    expect(exposure).toBeLessThanOrEqual(WORST_EXPOSURE);
  });

  it('leaves the configuration alone when it is done again, and brings the unit up to date', () => {
    service('install', '--root', root);
    writeFileSync(join(root, CONFIG), 'streams: []\n');
    writeFileSync(join(root, UNIT), 'old');
    const { stdout } = service('install', '--root', root);

    expect(stdout).toContain('/etc/diptych/gateway.yaml: kept as it is');
    expect(readFileSync(join(root, CONFIG), 'utf8')).toBe('streams: []\n');
    expect(readFileSync(join(root, UNIT), 'utf8')).toContain('[Service]');
  });

  it('lets nobody else read the configuration, which may hold passwords', () => {
    service('install', '--root', root);

    expect(statSync(join(root, CONFIG)).mode & 0o007).toBe(0);
  });

  it.each([
    [['install', '--config', 'gateway.yaml'], /--config gateway\.yaml: name the whole path/],
    [['install', '--now'], /--now: with --root nothing is started; leave it out/],
    [['instal'], /did you mean "install"\?/],
    [[], /service needs an action; install or remove/],
    [['remove'], /there is no such service/],
  ])('%j says what is wrong', (parameters, text) => {
    const { status, stderr } = service(...parameters, '--root', root);

    expect(stderr).toMatch(text);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).not.toBe(0);
  });
});

it('diptych service remove takes the unit away and keeps the rest', () => {
  service('install', '--root', root);
  const { status } = service('remove', '--root', root);

  expect(status).toBe(0);
  expect(statSync(join(root, UNIT), { throwIfNoEntry: false })).toBeUndefined();
  expect(statSync(join(root, CONFIG)).isFile()).toBe(true);
});
