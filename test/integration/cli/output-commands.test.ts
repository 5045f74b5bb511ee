import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, link, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-commands-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const textOf = (name: string): Promise<string> => readFile(at(name), 'utf8');

interface Ended {
  readonly status: number | null;
  readonly errors: string;
}

function start(command: readonly string[]): { readonly pid: number; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['dist/main.js', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    pid: child.pid!,
    ended: once(child, 'close').then(([status]) => ({ status: status as number | null, errors })),
  };
}

describe('commands', () => {
  it.each([
    ['render', ['render', 'in.mkv', 'in.mkv']],
    ['render by a link', ['render', 'in.mkv', 'soft.mp4']],
    ['render --events', ['render', 'in.mkv', 'out.mp4', '--events', 'in.mkv']],
    ['render with one file for both', ['render', 'in.mkv', 'out.mp4', '--events', 'out.mp4']],
    ['track', ['track', 'in.mkv', '--out', 'in.mkv']],
    ['track --events', ['track', 'in.mkv', '--out', 'out.txt', '--events', 'hard.mkv']],
    ['track over its embeddings', ['track', 'det.txt', '--embeddings', 'hard.mkv', '--out', 'in.mkv']],
    ['track over the frame rate', ['track', 'det.txt', '--out', 'seqinfo.ini']],
    ['models convert', ['models', 'convert', 'x=in.onnx', '--fp16', '--out', 'in.onnx']],
  ])('%s refuses to overwrite a file that it reads', async (_name, [command = '', ...rest]) => {
    for (const name of ['in.mkv', 'det.txt', 'seqinfo.ini', 'in.onnx']) await writeFile(at(name), name);
    await symlink('in.mkv', at('soft.mp4'));
    await link(at('in.mkv'), at('hard.mkv'));
    const before = (await readdir(folder)).sort();
    const isFile = (text: string): boolean => /\.(mkv|mp4|txt|ini)$/.test(text);
    const onnx = (text: string): string =>
      text.replace('x=in.onnx', at('in.onnx')).replace(/^in\.onnx$/, at('in.onnx'));

    const { status, errors } = await start([command, ...rest.map((text) => (isFile(text) ? at(text) : onnx(text)))])
      .ended;

    expect(errors).toMatch(/^DIPTYCH_E_USAGE: .*(is the same file as|is the model that is converted)/);
    expect(status).toBe(2);
    expect((await readdir(folder)).sort()).toEqual(before);
    for (const name of ['in.mkv', 'det.txt', 'seqinfo.ini', 'in.onnx']) expect(await textOf(name)).toBe(name);
  });

  it.each([
    ['an existing output', ['render', 'in.mkv', 'old.mp4'], /old\.mp4 exists already; add --force/],
    ['an existing output of track', ['track', 'det.txt', '--out', 'old.mp4'], /old\.mp4 exists already; add --force/],
    [
      'a container that is not written',
      ['render', 'in.mkv', 'new.avi'],
      /new\.avi has "\.avi"; an MP4 file is written/,
    ],
    ['a name without a container', ['render', 'in.mkv', 'new'], /new has no extension; an MP4 file is written/],
  ])('refuses %s', async (_name, command, message) => {
    for (const name of ['in.mkv', 'det.txt', 'old.mp4']) await writeFile(at(name), name);
    const [name = '', ...rest] = command;

    const { status, errors } = await start([name, ...rest.map((text) => (text.startsWith('-') ? text : at(text)))])
      .ended;

    expect(errors).toMatch(message);
    expect(errors.trimEnd().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
    expect((await readdir(folder)).sort()).toEqual(['det.txt', 'in.mkv', 'old.mp4']);
    expect(await textOf('old.mp4')).toBe('old.mp4');
  });

  /** Renders until the output is being written. */
  const startRendering = async (): Promise<ReturnType<typeof start>> => {
    await copyFile(
      await renderScene({ ...STILL_SCENE, name: 'camera-test', durationS: 4 }, { width: 640, height: 360 }),
      at('in.mkv'),
    );
    const outputs = [at('out.mp4'), '--events', at('events.jsonl'), '--force'];
    const run = start(['render', at('in.mkv'), ...outputs, '--gpu', 'off']);
    const hasBegun = async (): Promise<boolean> =>
      (await readdir(folder)).some((name) => /^out\.mp4\..*part$/.test(name));
    const isOver = (): Promise<boolean> => Promise.race([run.ended.then(() => true), delay(20, false)]);
    while (!(await hasBegun())) expect(await isOver(), 'it ended before it wrote').toBe(false);
    return run;
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('render that is ended by %s leaves the output as it was', async (signal) => {
    await writeFile(at('out.mp4'), 'before');
    const { pid, ended } = await startRendering();

    process.kill(pid, signal);

    const { status, errors } = await ended;
    expect(errors).toBe(
      `DIPTYCH_E_INTERRUPTED: interrupted; ${at('out.mp4')} and ${at('events.jsonl')} were not written\n`,
    );
    expect(status).toBe(1);
    expect(await textOf('out.mp4')).toBe('before');
    expect((await readdir(folder)).sort()).toEqual(['in.mkv', 'out.mp4']);
  });

  it('render that is killed by force leaves no file with the name of an output', async () => {
    const { pid, ended } = await startRendering();

    process.kill(pid, 'SIGKILL');

    await ended;
    const left = (await readdir(folder)).filter((name) => !name.endsWith('.part'));
    expect(left).toEqual(['in.mkv']);
  });
});
