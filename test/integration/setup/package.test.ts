import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const PACK_LIMIT_MS = 240_000;
/** What a clone has and `npm pack` looks at, without what is built in place. */
const PARTS = ['.npmrc', 'LICENSE', 'CHANGELOG.md', 'README.md', 'package.json', 'package-lock.json', 'tsconfig.json'];
const FOLDERS = ['config', 'docs', 'models', 'native', 'pipelines', 'src'];

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

let folder: string;
let clone: string;
let installed: string;

const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;

/** Packs a copy of this clone, so that its build is not touched, and installs the package as a user does. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-package-'));
  clone = join(folder, 'clone');
  for (const name of [...PARTS, ...FOLDERS]) {
    cpSync(packagePath(name), join(clone, name), { recursive: true, filter: (path) => !path.endsWith('/build') });
  }
  symlinkSync(packagePath('node_modules'), join(clone, 'node_modules'));
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: clone, stdio: 'pipe' });
  const archive = join(folder, 'diptych-0.1.0.tgz');
  execFileSync('npm', ['install', '--global', '--offline', '--prefix', folder, archive], { stdio: 'pipe' });
  installed = join(folder, 'lib/node_modules/diptych');
}, PACK_LIMIT_MS);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the package', () => {
  it('installs nothing by itself, and carries what the first start installs', () => {
    expect(manifestOf(installed).dependencies).toBeUndefined();
    expect(manifestOf(installed).scripts).toBeUndefined();
    expect(manifestOf(join(installed, 'dist/packages')).dependencies).toHaveProperty('mediasoup');
    expect(existsSync(join(installed, 'dist/packages/package-lock.json'))).toBe(true);
  });

  it('leaves the package.json of the clone as it was', () => {
    expect(readFileSync(join(clone, 'package.json'), 'utf8')).toBe(readFileSync(packagePath('package.json'), 'utf8'));
  });

  it('holds the program, the page and what is built at the first start, and nothing else', () => {
    for (const name of ['dist/main.js', 'dist/viewer', 'native/binding.gyp', 'pipelines', 'models/manifest.json']) {
      expect(existsSync(join(installed, name)), name).toBe(true);
    }
    for (const name of ['test', 'src/gateway', 'native/build', 'dist/logs', 'node_modules']) {
      expect(existsSync(join(installed, name)), name).toBe(false);
    }
  });

  it('puts diptych on the path, which tells its version before anything is installed', () => {
    const { status, stdout } = spawnSync(join(folder, 'bin/diptych'), ['--version'], { encoding: 'utf8' });

    expect({ status, stdout }).toEqual({ status: 0, stdout: 'diptych 0.1.0\n' });
  });

  it('does the set-up at its first start', () => {
    const env = { ...process.env, PATH: folder, DIPTYCH_SKIP_PACKAGES: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/diptych'), 'doctor'], {
      encoding: 'utf8',
      env,
    });

    expect(stdout).toContain(`first start: what is missing is installed into ${installed}`);
    expect(stderr).toMatch(/^set-up: this system has no apt: install .* g\+\+ /);
    expect(status).toBe(2);
  });
});
