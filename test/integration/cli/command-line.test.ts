import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageVersion } from '#src/shared/package-version.adapter.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-line-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const diptych = (...parameters: readonly string[]): Ended =>
  spawnSync(process.execPath, ['dist/main.js', ...parameters], { encoding: 'utf8' });

describe('diptych', () => {
  it.each(['--version', '-V', 'version'])('%s tells the version', (word) => {
    const { status, stdout } = diptych(word);

    expect({ status, stdout }).toEqual({ status: 0, stdout: `diptych ${packageVersion()}\n` });
  });

  it.each([
    [['help', 'render'], /^usage: diptych render IN OUT\.mp4 .*--force/],
    [['render', '--help'], /^usage: diptych render IN OUT\.mp4 .*--force/],
    [['help'], /^usage: diptych COMMAND/],
  ])('%s prints help', (parameters, text) => {
    const { status, stdout, stderr } = diptych(...parameters);

    expect(stdout).toMatch(text);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each([
    ['a command', ['redner'], 'there is no command "redner"; did you mean "render"?'],
    ['a command to help with', ['help', 'doktor'], 'there is no command "doktor"; did you mean "doctor"?'],
    ['an option', ['run', '--prot', '80'], 'run has no option --prot; did you mean --port?;'],
    ['an action', ['models', 'lsit'], 'models has no action "lsit"; did you mean "list"?'],
    ['an action on the configuration', ['config', 'chek'], 'config has no action "chek"; did you mean "check"?'],
    ['a source without a command', ['rtsp://h/a'], 'to play it, diptych run rtsp://h/a'],
    ['an option before the command', ['--port', '80', 'run'], 'the command goes before --port'],
    ['an option without its value', ['run', '--port'], '--port needs a value; usage: diptych run'],
    ['a configuration as a source', ['run', 'my.yaml'], 'a configuration is given with --config my.yaml'],
    ['an address that is none', ['run', 'test:', '--listen-ip', 'x y'], 'command line (--listen-ip) webrtc.listenIp: '],
    ['a wrong size', ['render', 'package.json', 'x.mp4', '--size', '640'], '--size: expected WIDTHxHEIGHT'],
    [
      'a size that cannot be',
      ['render', 'package.json', 'x.mp4', '--size', '64x64'],
      '--size (output.width): expected',
    ],
    ['a stream without a file', ['track', 'package.json', '--out', 'x', '--stream', 'a'], '--config FILE; add it'],
  ])('says what was meant by %s', (_name, parameters, words) => {
    const { status, stderr } = diptych(...parameters);

    expect(stderr).toMatch(/^DIPTYCH_E_(USAGE|CONFIG): [^\n]*\n$/);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });

  it.each([
    ['several streams', [], 'there are several streams, add --stream ID;'],
    [
      'a stream that is not there',
      ['--stream', 'hal'],
      'there is no stream "hal"; FILE has hall, stage; did you mean "hall"?',
    ],
  ])('asks which stream of a configuration is meant: %s', async (_name, options, words) => {
    const config = join(folder, 'two.yaml');
    await writeFile(
      config,
      'streams:\n  - { id: hall, source: { url: "test:" } }\n  - { id: stage, source: { url: "test:" } }\n',
    );

    const { status, stderr } = diptych('render', 'package.json', join(folder, 'x.mp4'), '--config', config, ...options);

    expect(stderr.replaceAll(config, 'FILE')).toContain(words);
    expect(status).toBe(2);
  });
});
