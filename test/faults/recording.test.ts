import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lipSyncIn } from '#src/bench/lip-sync.adapter.js';
import { RecordingLibrary } from '#src/gateway/recordings/recording-library.adapter.js';
import type { RecordingSegment, SegmentJournal } from '#src/shared/domain/recording.js';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { sendSignal } from '../send-signal.js';
import { startRunningGateway, SMALL_STREAM, type RunningGateway } from './running-gateway.js';
import { startScriptedRtmpServer, type ScriptedRtmpServer } from './scripted-rtmp-server.js';

const run = promisify(execFile);
/** How far sound and picture may be apart in the middle, ms, half a picture included; a busy machine leaves some out. */
const LIP_SYNC_MS = 60;
/** Mounting a file system is root's. */
const isRoot = process.getuid?.() === 0;

let root: string;
let scene: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-recordings-'));
  scene = await renderScene(DEMO_SCENE, { width: 640, height: 360, fps: 15, hasFlash: true });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function startGateway(folder: string): Promise<RunningGateway> {
  const gateway = await startRunningGateway({ recordings: { folder } });
  closing.push(() => gateway.stop());
  return gateway;
}

const streamOf = (id: string, url: string, more: object = {}): object => ({
  ...SMALL_STREAM,
  ...{ id, source: { url }, record: { enabled: true, segmentS: 10 } },
  ...more,
});

const list = async (gateway: RunningGateway, id: string): Promise<RecordingSegment[]> =>
  (await gateway.call('GET', `/${id}/recordings`)) as RecordingSegment[];

/** What ffprobe and ffmpeg have to say of a file; nothing where it plays from beginning to end. */
async function problemsOf(path: string): Promise<string> {
  const entries = ['-count_packets', '-show_entries', 'stream=codec_type,nb_read_packets', '-of', 'csv=p=0'];
  const probe = await run('ffprobe', ['-v', 'error', ...entries, path]);
  const decode = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
  const streams = probe.stdout.trim().split('\n').sort().join();
  const hasBoth = /^audio,[1-9]\d*,video,[1-9]\d*$/.test(streams);
  return `${hasBoth ? '' : `streams: ${streams}`}${probe.stderr}${decode.stderr}`;
}

async function expectAllPlay(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mp4'));
  for (const name of names) expect(await problemsOf(join(folder, name)), name).toBe('');
  return names.map((name) => join(folder, name));
}

/** As {@link expectAllPlay}, but for what is too short to hold a picture yet: nobody has looked after it. */
async function playable(folder: string): Promise<readonly string[]> {
  await new RecordingLibrary(folder, '.').tidy({ maxGb: 1, maxAgeH: 1 }, Date.now());
  return expectAllPlay(folder);
}

/** How long it plays, s, by ffprobe. */
async function lengthOf(path: string): Promise<number> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path]);
  return Number(stdout);
}

const journalOf = async (path: string): Promise<SegmentJournal> =>
  JSON.parse(await readFile(path.replace('.mp4', '.json'), 'utf8')) as SegmentJournal;

const whole = (segments: readonly RecordingSegment[]): readonly RecordingSegment[] =>
  segments.filter(({ state }) => state === 'whole');

async function until<T>(ask: () => Promise<T>, isTrue: (found: T) => boolean, limitS = 60): Promise<T> {
  const deadline = Date.now() + limitS * 1000;
  for (;;) {
    const found = await ask();
    if (isTrue(found)) return found;
    if (Date.now() > deadline) throw new Error(`not so within ${limitS} s: ${JSON.stringify(found)}`);
    await delay(200);
  }
}

it('segments play, with sound beside the picture, after kill -9 in their middle', async () => {
  const folder = join(root, 'killed');
  await mkdir(folder);
  const first = await startGateway(folder);
  await first.call('POST', '', streamOf('main', `file://${scene}`));
  await until(
    () => list(first, 'main'),
    (segments) => segments.length >= 2,
  );
  await delay(4000);
  const streamPid = await first.streamPid();
  sendSignal(first.pid, 'SIGKILL');
  sendSignal(streamPid, 'SIGKILL');

  const files = await expectAllPlay(join(folder, 'main'));
  for (const file of files) {
    const lipSync = await lipSyncIn(file);
    // The last one may be too short to hold a flash.
    if (lipSync) expect(Math.abs(lipSync.medianMs)).toBeLessThan(LIP_SYNC_MS);
  }
  expect(await lipSyncIn(files[0] ?? '')).toBeDefined();

  const second = await startGateway(folder);
  await second.call('POST', '', streamOf('main', `file://${scene}`, { record: { enabled: false } }));
  // What was cut off is removed first.
  const journals = await until(
    () => Promise.all(files.map(journalOf)),
    (found) => found.every(({ isComplete }) => isComplete),
  );
  const segments = await list(second, 'main');
  expect(whole(segments)).toHaveLength(files.length);
  expect(await expectAllPlay(join(folder, 'main'))).toEqual(files);
  for (const [at, file] of files.entries()) {
    const { durationS = 0, shown = [], events = [] } = journals[at] ?? {};
    expect(durationS).toBeCloseTo(await lengthOf(file), 2);
    expect([...shown, ...events].every(({ atS }) => atS < durationS)).toBe(true);
    expect(segments.find(({ name }) => file.endsWith(name))).toMatchObject({ durationS });
  }
});

it('goes on with pictures in two streams whose processes are killed at once, the spare one with them', async () => {
  const folder = join(root, 'two');
  await mkdir(folder);
  const gateway = await startGateway(folder);
  const ids = ['one', 'two'];
  for (const id of ids) await gateway.call('POST', '', streamOf(id, 'test:'));
  const recorded = (id: string, formers: readonly (string | undefined)[]): Promise<StreamView> =>
    gateway.until(id, ({ state, recording: { file } }) => state === 'live' && !formers.includes(file));
  const files: (string | undefined)[] = [undefined];
  const begun = async (): Promise<void> => {
    const views = await Promise.all(ids.map((id) => recorded(id, files)));
    files.push(...views.map(({ recording }) => recording.file));
  };

  await begun();
  for (const momentMs of [4000, 1500, 4000]) {
    await delay(momentMs);
    for (const pid of await gateway.streamPids()) sendSignal(pid, 'SIGKILL');
    await begun();
  }
  // So long a segment counts as being written.
  await delay(7000);
  await gateway.stop();

  for (const id of ids) expect((await playable(join(folder, id))).length).toBeGreaterThanOrEqual(3);
});

it('says who was in which tile, beside the segment and as chapters in it', async () => {
  const folder = join(root, 'people');
  await mkdir(folder);
  const gateway = await startGateway(folder);
  await gateway.call(
    'POST',
    '',
    streamOf('main', `file://${scene}`, { detect: { maxFps: 5 }, slots: { labels: ['Anna'] } }),
  );
  await gateway.until('main', ({ people }) => people.some(({ slot }) => slot === 0));
  await delay(4000);
  await gateway.call('PATCH', '/main', { record: { enabled: false } });
  const [segment] = await until(
    () => list(gateway, 'main'),
    (segments) => segments.length > 0 && whole(segments).length === segments.length,
  );

  const name = segment?.name ?? '';
  const answer = await fetch(`${gateway.url}/api/v1/streams/main/recordings/${name.replace('.mp4', '.json')}`);
  const journal = (await answer.json()) as SegmentJournal;
  const path = join(folder, 'main', name);
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_chapters', '-of', 'json', path]);
  const { chapters } = JSON.parse(stdout) as {
    readonly chapters: readonly { readonly tags: { readonly title: string } }[];
  };

  expect(journal.isComplete).toBe(true);
  expect(journal.shown.flatMap(({ people }) => people).some((person) => person.name === 'Anna')).toBe(true);
  expect(chapters.some(({ tags }) => tags.title.includes('Anna'))).toBe(true);
  expect(await problemsOf(path)).toBe('');
});

it('tells of a folder that is gone, and goes on when it is back', async () => {
  const folder = join(root, 'gone');
  await mkdir(folder);
  const gateway = await startGateway(folder);
  await gateway.call('POST', '', streamOf('main', 'test:'));
  await gateway.until('main', ({ recording }) => recording.state === 'recording');

  await rename(folder, `${folder}-away`);
  const { recording } = await gateway.until('main', (view) => view.recording.state === 'retrying');
  await mkdir(folder);
  const after = await gateway.until('main', (view) => view.recording.state === 'recording');

  expect(recording.error).toMatchObject({ code: 'DIPTYCH_E_RECORDING' });
  expect(recording.error?.message).toMatch(/is gone.*mount or create it/);
  expect(Date.parse(recording.error?.nextTryAt ?? '')).toBeGreaterThan(0);
  expect(after.recording.error).toBeUndefined();
  await expectAllPlay(join(`${folder}-away`, 'main'));
});

describe.runIf(isRoot)('a disk of 50 MB', () => {
  let disk: string;
  let server: ScriptedRtmpServer;

  beforeAll(async () => {
    disk = join(root, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', disk]);
    server = await startScriptedRtmpServer();
  });

  afterAll(async () => {
    await server.close();
    await run('umount', ['-l', disk]);
  });

  it('that fills up, and is read-only, is told, and harms neither target nor stream', async () => {
    const gateway = await startGateway(disk);
    const targets = [{ id: 'live', url: `rtmp://127.0.0.1:${server.port}/app/key` }];
    await gateway.call('POST', '', streamOf('main', 'test:', { targets }));
    await gateway.until(
      'main',
      ({ recording, targets: [target] }) => recording.state === 'recording' && target?.state === 'live',
    );

    const filler = join(disk, 'filler');
    await writeFile(filler, Buffer.alloc(1_000_000));
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler, Buffer.alloc(bavail * bsize - 2_000_000));
    const full = await gateway.until('main', ({ recording }) => recording.state === 'retrying');
    await truncate(filler);
    await gateway.until('main', ({ recording }) => recording.state === 'recording');
    await run('mount', ['-o', 'remount,ro', disk]).catch(async () => {
      // Files that are open for writing keep it from becoming read-only: the recording is stopped for it.
      await gateway.call('PATCH', '/main', { record: { enabled: false } });
      await gateway.until('main', ({ recording }) => recording.state === 'off');
      await run('mount', ['-o', 'remount,ro', disk]);
      await gateway.call('PATCH', '/main', { record: { enabled: true } });
    });
    const readOnly = await gateway.until('main', ({ recording }) => recording.state === 'retrying');
    const tags = server.publishings.at(-1)?.tags.filter(({ type, isHeader }) => type === 'video' && !isHeader) ?? [];

    expect(full.recording.error).toMatchObject({ code: 'DIPTYCH_E_DISK_FULL' });
    expect(full.recording.error?.message).toMatch(/free some space, or lower record\.maxGb/);
    expect(readOnly.recording.error).toMatchObject({ code: 'DIPTYCH_E_RECORDING' });
    expect(readOnly.recording.error?.message).toMatch(/read-only/);
    expect(readOnly.targets).toMatchObject([{ state: 'live', retries: 0 }]);
    expect(server.publishings).toHaveLength(1);
    expect(tags.length).toBeGreaterThan(30);
    await expectAllPlay(join(disk, 'main'));
  });
});

it('keeps within its limits of age and bytes, and touches nothing that is not ours', async () => {
  const folder = join(root, 'limits');
  await mkdir(join(folder, 'main'), { recursive: true });
  const gateway = await startGateway(folder);
  const nameAt = (ms: number): string => new Date(ms).toISOString().replaceAll(':', '-');
  const kept = nameAt(Date.now() - 60_000);
  const segments = [nameAt(Date.now() - 7_200_000), nameAt(Date.now() - 120_000), kept];
  for (const name of segments) {
    const path = join(folder, 'main', name);
    const journal = { version: 1, durationS: 10, isComplete: true, shown: [], events: [] };
    await writeFile(`${path}.json`, JSON.stringify(journal));
    // The first one is too old, and the second too much.
    await writeFile(`${path}.mp4`, Buffer.alloc(6_000_000));
  }
  await writeFile(join(folder, 'main', 'holiday.mp4'), Buffer.alloc(6_000_000));

  await gateway.call('POST', '', streamOf('main', 'test:', { record: { enabled: false, maxAgeH: 1, maxGb: 0.01 } }));
  const names = await until(
    () => readdir(join(folder, 'main')),
    (found) => found.includes('limits.json') && found.length <= 4,
  );

  expect(names.sort()).toEqual([`${kept}.json`, `${kept}.mp4`, 'holiday.mp4', 'limits.json']);
});
