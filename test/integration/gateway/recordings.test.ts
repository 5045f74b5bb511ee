import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const WHOLE = '2026-11-29T08-15-30.125Z.mp4';
const WRITTEN = '2026-11-29T08-25-30.125Z.mp4';
const RECORDINGS = '/api/v1/streams/main/recordings';

const journal = (isComplete: boolean): string =>
  JSON.stringify({ version: 1, durationS: 12.5, isComplete, shown: [], events: [] });

let root: string;
let gateway: Gateway;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-recordings-'));
  endings.push(() => rm(root, { recursive: true, force: true }));
  const viewer = await buildTestViewer();
  endings.push(() => viewer.remove());
  gateway = await startTestGateway(
    viewer.directory,
    '[{ id: main, source: { url: "test:" } }]',
    0,
    '',
    `recordings: { folder: ${root} }`,
  );
  endings.push(() => gateway.close());
});

beforeEach(async () => {
  const folder = join(root, 'main');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(join(root, 'secret.mp4'), 'secret');
  await writeFile(join(folder, 'holiday.mp4'), 'holiday');
  await writeFile(join(folder, WHOLE), '0123456789');
  await writeFile(join(folder, WHOLE.replace('.mp4', '.json')), journal(true));
  await writeFile(join(folder, WRITTEN), 'abc');
  await writeFile(join(folder, WRITTEN.replace('.mp4', '.json')), journal(false));
});

afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

/** The path as it is: `fetch` would resolve dots in it. */
function rawStatus(method: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.once('error', reject).end();
  });
}

it('lists segments, newest first, and says which is being written', async () => {
  const answer = await fetch(gateway.url + RECORDINGS);

  expect(await answer.json()).toEqual([
    { name: WRITTEN, startedAt: '2026-11-29T08:25:30.125Z', durationS: 12.5, bytes: 3, state: 'writing' },
    { name: WHOLE, startedAt: '2026-11-29T08:15:30.125Z', durationS: 12.5, bytes: 10, state: 'whole' },
  ]);
});

it('one whose writer has been silent for long is not being written', async () => {
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(root, 'main', WRITTEN.replace('.mp4', '.json')), longAgo, longAgo);

  const answer = await fetch(gateway.url + RECORDINGS);

  expect(await answer.json()).toMatchObject([{ name: WRITTEN, state: 'whole' }, { name: WHOLE }]);
});

describe('a download', () => {
  it.each<[string, string | undefined, number, string]>([
    ['whole', undefined, 200, '0123456789'],
    ['from the middle', 'bytes=4-6', 206, '456'],
    ['of the end', 'bytes=-2', 206, '89'],
  ])('%s', async (_name, range, status, body) => {
    const answer = await fetch(`${gateway.url}${RECORDINGS}/${WHOLE}`, {
      headers: range === undefined ? {} : { range },
    });

    expect(answer.status).toBe(status);
    expect(await answer.text()).toBe(body);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="main-${WHOLE}"`);
  });

  it('of a range that is not there is refused in one form', async () => {
    const answer = await fetch(`${gateway.url}${RECORDINGS}/${WHOLE}`, { headers: { range: 'bytes=20-30' } });

    expect(answer.status).toBe(416);
    expect(await answer.json()).toMatchObject({ error: { code: 'DIPTYCH_E_BAD_INPUT' } });
  });

  it('of the journal is JSON', async () => {
    const answer = await fetch(`${gateway.url}${RECORDINGS}/${WHOLE.replace('.mp4', '.json')}`);

    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toMatchObject({ isComplete: true });
  });
});

describe('what is no segment', () => {
  const NAMES = [
    'holiday.mp4',
    'secret.mp4',
    '../secret.mp4',
    '..%2fsecret.mp4',
    '%2e%2e%2fsecret.mp4',
    '..%5csecret.mp4',
    `..%2fmain%2f${WHOLE}`,
    `${WHOLE}%00`,
    '2026-11-29T09-15-30.125Z.mp4',
  ];

  it.each(NAMES)('is not handed out: %s', async (name) => {
    expect([400, 404]).toContain(await rawStatus('GET', `${RECORDINGS}/${name}`));
  });

  it.each(NAMES)('is not deleted: %s', async (name) => {
    const before = await readdir(join(root, 'main'));

    expect([400, 404]).toContain(await rawStatus('DELETE', `${RECORDINGS}/${name}`));

    expect(await readdir(join(root, 'main'))).toEqual(before);
    expect(await readdir(root)).toContain('secret.mp4');
  });

  it('is not handed out behind a link', async () => {
    const name = '2026-11-29T07-00-00.000Z.mp4';
    await symlink(join(root, 'secret.mp4'), join(root, 'main', name));

    expect((await fetch(`${gateway.url}${RECORDINGS}/${name}`)).status).toBe(404);
  });
});

describe('deleting', () => {
  it('removes a segment and what lies beside it', async () => {
    const answer = await fetch(`${gateway.url}${RECORDINGS}/${WHOLE}`, { method: 'DELETE' });

    expect(answer.status).toBe(204);
    expect(await readdir(join(root, 'main'))).toEqual(
      [WRITTEN.replace('.mp4', '.json'), WRITTEN, 'holiday.mp4'].sort(),
    );
  });

  it('of one that is being written is refused', async () => {
    const answer = await fetch(`${gateway.url}${RECORDINGS}/${WRITTEN}`, { method: 'DELETE' });

    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ error: { code: 'DIPTYCH_E_CONFLICT' } });
  });
});
