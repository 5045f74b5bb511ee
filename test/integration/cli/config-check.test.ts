import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const NOBODY = 65_534;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-check-'));
  await chmod(folder, 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Status and lines of `diptych config check` of this text. */
async function check(text: string): Promise<{ readonly status: number | null; readonly lines: readonly string[] }> {
  const file = join(folder, 'g.yaml');
  await writeFile(file, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/main.js', 'config', 'check', file], {
    encoding: 'utf8',
    // Root may write everywhere.
    ...(process.getuid?.() === 0 && { uid: NOBODY, env: { ...process.env, HOME: '/nonexistent' } }),
  });
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
}

it.each<[string, string, RegExp]>([
  [
    'a model that nobody knows, with the nearest and all',
    'streams: [{ source: { url: "test:" }, detect: { model: yunat } }]',
    /streams\[0\]\.detect\.model: there is no model "yunat"; did you mean "yunet"\? There is: auto, .*yunet/,
  ],
  [
    'a detector where an embedder is meant',
    'streams: [{ source: { url: "test:" }, reid: { model: yunet } }]',
    /reid\.model: there is no model "yunet"; .*dlib-face-descriptor/,
  ],
  [
    'a network of poses that nobody knows',
    'streams: [{ source: { url: "test:" }, detect: { model: nanodet, pose: rtmpose } }]',
    /detect\.pose: there is no model "rtmpose"; There is: off; diptych models add brings another/,
  ],
  [
    'a model file that is missing',
    'streams: [{ source: { url: "test:" }, detect: { model: /nowhere/m.onnx } }]',
    /there is no file \/nowhere\/m\.onnx/,
  ],
  [
    'a target without a key',
    'streams: [{ source: { url: "test:" }, targets: [{ url: "rtmp://h/live" }] }]',
    /targets\[0\]\.url: .*stream key/,
  ],
  [
    'a folder for recordings that is missing',
    'recordings: { folder: /nowhere/rec }\nstreams: [{ source: { url: "test:" }, record: { enabled: true } }]',
    /recordings\.folder: there is no folder \/nowhere\/rec; make it/,
  ],
  [
    'a folder for the state that is a file',
    'state: { folder: /etc/passwd/state }',
    /state\.folder: \/etc\/passwd is a file/,
  ],
  [
    'a folder that cannot be made',
    'state: { folder: /etc/nothing/state }',
    /state\.folder: .*cannot be made in \/etc;/,
  ],
  [
    'a folder that may not be written to',
    'recordings: { folder: /etc }',
    /recordings\.folder: the folder \/etc may not be written/,
  ],
  ['a source that is missing', 'streams: [{ source: { url: /nowhere/a.mp4 } }]', /there is no file \/nowhere\/a\.mp4/],
])('finds %s', async (_name, text, expected) => {
  const { status, lines } = await check(text);

  expect(lines.join('\n')).toMatch(expected);
  expect(lines).toHaveLength(1);
  expect(status).toBe(2);
});

it('tells mistakes in the order of their lines', async () => {
  const { lines } = await check(`
streams:
  - source: { url: "test:" }
    output: { fps: 200 }
    detekt: {}
    targets: [{ url: "rtmp://h/live" }]
  - source: { url: "ftp://x" }
http: { port: 99999, hosst: a }
`);

  const numbers = lines.map((line) => Number(/g\.yaml:(\d+):/.exec(line)?.[1]));
  expect(numbers.length).toBeGreaterThanOrEqual(6);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});
