import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outputSchema } from '#src/shared/config/schema.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import { openFileEncoder, type FileEncoder, type FileEncoderOptions } from '#src/offline/file-encoder.adapter.js';
import { busyPicture } from '../stream/stages/encode/pictures.js';

const run = promisify(execFile);
const addon = loadTestAddon();
const SIZE = { width: 320, height: 180 };
const FPS = 25;
const closing: (() => unknown)[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-file-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
  expect(addon.liveFrames()).toBe(0);
});

async function open(path: string, options?: FileEncoderOptions): Promise<FileEncoder> {
  const encoder = await openFileEncoder(outputSchema.parse({ ...SIZE, fps: FPS, bitrateKbps: 800 }), path, options);
  closing.push(() => encoder.close());
  return encoder;
}

async function write(encoder: FileEncoder, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await encoder.ready();
    const picture = busyPicture(SIZE, index);
    encoder.push(picture, (index * 1000) / FPS);
    addon.release(picture);
  }
}

interface Probed {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly nb_frames: string;
    readonly avg_frame_rate: string;
    readonly has_b_frames?: number;
    readonly duration: string;
  }[];
  readonly packets: readonly { readonly codec_type: string; readonly pts_time: string }[];
}

async function probe(path: string): Promise<Probed> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', path]);
  return JSON.parse(stdout) as Probed;
}

it('writes every picture at a constant rate, with the index in front', async () => {
  const path = join(folder, 'a b".mp4');
  const encoder = await open(path);

  await write(encoder, 60);
  await encoder.finish();

  const { streams, packets } = await probe(path);
  expect(streams).toHaveLength(1);
  expect(streams[0]).toMatchObject({ codec_name: 'h264', nb_frames: '60', avg_frame_rate: '25/1', has_b_frames: 0 });
  packets.forEach(({ pts_time }, index) => expect(Number(pts_time)).toBeCloseTo(index / FPS, 3));
  const data = await readFile(path);
  expect(data.indexOf('moov')).toBeLessThan(data.indexOf('mdat'));
});

it.each([
  [true, ['h264', 'aac']],
  [false, ['h264']],
])('puts sound beside the pictures where it exists: %s', async (hasSound, codecs) => {
  const path = join(folder, 'sound.mp4');
  const source = await Graph.fromLaunch(
    [
      '# {graph} string: id',
      '# {count} number: buffers of 10 ms',
      'audiotestsrc num-buffers={count} samplesperbuffer=480 ! audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2',
      '! diptychsink graph={graph} name=audio own-time=true',
    ].join('\n'),
    { count: hasSound ? 200 : 0 },
  );
  closing.push(() => source.close());
  const encoder = await open(path, {
    sound: { graphId: source.id, element: 'audio', exists: Promise.resolve(hasSound) },
  });

  source.play();
  await write(encoder, 50);
  await encoder.finish();

  const { streams } = await probe(path);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(codecs);
  for (const { duration } of streams) expect(Number(duration)).toBeCloseTo(2, 1);
});

it('keeps pictures that come before it is known whether there is sound', async () => {
  const path = join(folder, 'early.mp4');
  let tell: (exists: boolean) => void = () => undefined;
  const exists = new Promise<boolean>((resolve) => {
    tell = resolve;
  });
  const source = await Graph.fromLaunch(
    '# {graph} string: id\naudiotestsrc num-buffers=0 ! diptychsink graph={graph} name=audio',
  );
  closing.push(() => source.close());
  const encoder = await open(path, { sound: { graphId: source.id, element: 'audio', exists } });

  for (let index = 0; index < 5; index += 1) {
    const picture = busyPicture(SIZE, index);
    encoder.push(picture, (index * 1000) / FPS);
    addon.release(picture);
  }
  tell(false);
  await encoder.finish();

  expect((await probe(path)).streams[0]?.nb_frames).toBe('5');
});

it('says where a file cannot be written', async () => {
  const encoder = await open(join(folder, 'nowhere', 'out.mp4'));

  await expect(write(encoder, 3).then(() => encoder.finish())).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
});

it('leaves no half file behind', async () => {
  const path = join(folder, 'half.mp4');
  const encoder = await open(path);

  await write(encoder, 10);
  await encoder.close();

  await expect(stat(path)).rejects.toThrow('ENOENT');
});
