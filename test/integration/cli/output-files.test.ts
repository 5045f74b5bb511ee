import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeOutputs } from '#src/cli/output-files.adapter.js';
import { DiptychError } from '#src/shared/domain/errors.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-outputs-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const textOf = (name: string): Promise<string> => readFile(at(name), 'utf8');

describe('writeOutputs', () => {
  const outputs = (...names: readonly string[]) => names.map((name) => ({ name: name.toUpperCase(), path: at(name) }));

  it('gives each output its name when the work is done', async () => {
    await writeFile(at('old'), 'before');
    await chmod(at('old'), 0o640);
    await symlink('old', at('link'));

    const result = await writeOutputs({ inputs: [], outputs: outputs('link', 'new'), force: true }, async (partOf) => {
      await writeFile(partOf(at('link')), 'after');
      await writeFile(partOf(at('new')), 'new');
      expect(await textOf('old')).toBe('before');
      return 7;
    });

    expect(result).toBe(7);
    expect(await textOf('old')).toBe('after');
    expect((await stat(at('old'))).mode & 0o777).toBe(0o640);
    expect(await textOf('new')).toBe('new');
    expect((await readdir(folder)).sort()).toEqual(['link', 'new', 'old']);
  });

  it('leaves what was there when the work fails, and nothing else', async () => {
    await writeFile(at('old'), 'before');

    const failing = writeOutputs({ inputs: [], outputs: outputs('old', 'new'), force: true }, async (partOf) => {
      await writeFile(partOf(at('old')), 'half');
      throw new DiptychError('DIPTYCH_E_GRAPH', `cannot write ${partOf(at('old'))}: disk full`);
    });

    await expect(failing).rejects.toThrow(`cannot write ${at('old')}: disk full`);
    expect(await textOf('old')).toBe('before');
    expect(await readdir(folder)).toEqual(['old']);
  });

  it('refuses an output that exists, unless it is told to replace it', async () => {
    await writeFile(at('old'), 'before');
    const write = (partOf: (path: string) => string): Promise<void> => writeFile(partOf(at('old')), 'after');
    const files = { inputs: [], outputs: outputs('old') };

    const refused = writeOutputs(files, write);

    await expect(refused).rejects.toMatchObject({
      code: 'DIPTYCH_E_USAGE',
      message: `OLD: ${at('old')} exists already; add --force to replace it, or write to another file`,
    });
    expect(await textOf('old')).toBe('before');
    await writeOutputs({ ...files, force: true }, write);
    expect(await textOf('old')).toBe('after');
  });

  it('says which outputs were not written where it is interrupted', async () => {
    const stop = new AbortController();

    const interrupted = writeOutputs({ inputs: [], outputs: outputs('a', 'b'), signal: stop.signal }, () => {
      stop.abort();
      throw new Error('the operation was aborted');
    });

    await expect(interrupted).rejects.toMatchObject({
      code: 'DIPTYCH_E_INTERRUPTED',
      message: `interrupted; ${at('a')} and ${at('b')} were not written`,
    });
  });

  it('removes what runs that were killed have left, and nothing else', async () => {
    const { pid: ended } = spawnSync('true');
    const kept = [`out.${process.pid}.part`, 'out.x.part', `other.${ended}.part`, `out.${ended}.part.txt`];
    for (const name of [...kept, `out.${ended}.part`]) {
      await writeFile(at(name), 'half');
      await utimes(at(name), 0, 0);
    }
    const { pid: endedNow } = spawnSync('true');
    const recent = `out.${endedNow}.part`;
    await writeFile(at(recent), 'perhaps another machine writes it');

    await writeOutputs({ inputs: [], outputs: outputs('out') }, (partOf) => writeFile(partOf(at('out')), 'new'));

    expect((await readdir(folder)).sort()).toEqual([...kept.slice(1), 'out', recent].sort());
  });

  it.each([
    { what: 'the input', output: 'in' },
    { what: 'a symbolic link to it', output: 'soft' },
    { what: 'a hard link to it', output: 'hard' },
    { what: 'another path to it', output: 'x/../in' },
    { what: 'a folder', output: 'x' },
    { what: 'a file in a folder that is not there', output: 'nowhere/out' },
    { what: 'a file below a file', output: 'in/out' },
  ])('refuses to write to $what', async ({ output }) => {
    await writeFile(at('in'), 'input');
    await symlink('in', at('soft'));
    await link(at('in'), at('hard'));
    await mkdir(at('x'));
    const inputs = [{ name: 'IN', path: at('in') }];
    const path = `${folder}/${output}`;

    const refused = writeOutputs({ inputs, outputs: [{ name: 'OUT', path }] }, () => {
      throw new Error('the work began');
    });

    await expect(refused).rejects.toMatchObject({
      code: 'DIPTYCH_E_USAGE',
      message: expect.stringContaining(path) as unknown,
    });
    expect(await textOf('in')).toBe('input');
  });

  it.each([
    ['by an open file', (path: string) => ({ input: path, output: '/proc/self/fd/9' })],
    [
      'in a folder of the system',
      (path: string) => ({ input: `/proc/self/root${path}`, output: `/proc/self/root${path}` }),
    ],
  ])('refuses to write to the input %s', async (_, pathsOf) => {
    await writeFile(at('in'), 'input');
    const { input, output } = pathsOf(at('in'));
    const script = `
      import { writeOutputs } from './dist/cli/output-files.adapter.js';
      const files = { inputs: [{ name: 'IN', path: '${input}' }], outputs: [{ name: 'OUT', path: '${output}' }] };
      await writeOutputs(files, () => { throw new Error('the work began'); }).catch(({ code }) => console.log(code));`;

    const command = `exec 9<>${at('in')}; exec ${process.execPath} --input-type=module -e "$0"`;
    const { stdout } = spawnSync('bash', ['-c', command, script], { encoding: 'utf8' });

    expect(stdout).toBe('DIPTYCH_E_USAGE\n');
    expect(await textOf('in')).toBe('input');
  });

  it('refuses an output without a name', async () => {
    await expect(
      writeOutputs({ inputs: [], outputs: [{ name: 'OUT', path: '' }] }, () => Promise.resolve()),
    ).rejects.toMatchObject({ code: 'DIPTYCH_E_USAGE' });
  });

  it('writes a file whose name is as long as names may be', async () => {
    const name = 'n'.repeat(255);

    await writeOutputs({ inputs: [], outputs: outputs(name) }, (partOf) => writeFile(partOf(at(name)), 'whole'));

    expect(await readdir(folder)).toEqual([name]);
    expect(await textOf(name)).toBe('whole');
  });

  it('refuses to write two outputs to one file', async () => {
    await expect(
      writeOutputs({ inputs: [], outputs: outputs('same', 'same') }, () => Promise.resolve()),
    ).rejects.toThrow('is the same file as SAME');
  });

  it('writes to devices as they are', async () => {
    const device = { name: '--events', path: '/dev/null' };

    const parts = await writeOutputs({ inputs: [], outputs: [device, device] }, (partOf) =>
      Promise.resolve(partOf('/dev/null')),
    );

    expect(parts).toBe('/dev/null');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});

interface Ended {
  readonly status: number | null;
  readonly errors: string;
}

/** Of `nobody`, who has no rights where root has all. */
const NOBODY = 65_534;

/** `track` of a file without people, by somebody who is not root. */
async function trackAsNobody(output: string): Promise<Ended> {
  const own = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(
    process.execPath,
    [resolve('dist/main.js'), 'track', at('det.txt'), '--out', at(output), '--force'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...own,
    },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, errors };
}

describe('folders without all rights', () => {
  beforeEach(async () => {
    await writeFile(at('det.txt'), '1,-1,1,2,30,40,1\n');
    await mkdir(at('kept'));
    await writeFile(join(at('kept'), 'old.txt'), 'before');
    await chmod(folder, 0o755);
  });
  afterEach(() => chmod(at('kept'), 0o755));

  it('refuses a new file in a folder that cannot be written, and leaves nothing', async () => {
    await chmod(at('kept'), 0o555);

    const { status, errors } = await trackAsNobody('kept/new.txt');

    expect(errors).toMatch(/^DIPTYCH_E_USAGE: --out: cannot write \S+new\.txt: no permission to write in \S+kept\n$/);
    expect(status).toBe(2);
    expect(await readdir(at('kept'))).toEqual(['old.txt']);
  });

  it('writes a file in such a folder that may be changed, as it is', async () => {
    await chmod(join(at('kept'), 'old.txt'), 0o666);
    await chmod(at('kept'), 0o555);

    const { status, errors } = await trackAsNobody('kept/old.txt');

    expect(errors).toBe('');
    expect(status).toBe(0);
    expect(await readFile(join(at('kept'), 'old.txt'), 'utf8')).not.toBe('before');
    expect(await readdir(at('kept'))).toEqual(['old.txt']);
  });

  it("writes another's file in a sticky folder as it is, and refuses where it may not be changed", async () => {
    await chmod(at('kept'), 0o1777);
    await chmod(join(at('kept'), 'old.txt'), 0o666);

    const allowed = await trackAsNobody('kept/old.txt');
    await chmod(join(at('kept'), 'old.txt'), 0o444);
    const refused = await trackAsNobody('kept/old.txt');

    expect(allowed).toEqual({ status: 0, errors: '' });
    expect(refused.errors).toMatch(/no permission to change it/);
    expect(refused.status).toBe(2);
    expect(await readdir(at('kept'))).toEqual(['old.txt']);
  });
});
