import { describe, expect, it } from 'vitest';
import type { DeviceMode } from '#src/stream/native/types.js';
import { chooseMode, describeModes, type V4l2Wish } from '#src/stream/stages/ingest/v4l2-mode.js';

const mode = (format: string, width: number, height: number, fps: number): DeviceMode => ({
  ...{ format, width, height, rate: [fps, 1] },
});

/** As a usual webcam has them: plain pixels are slow where they are many. */
const WEBCAM = [
  mode('YUYV', 640, 480, 30),
  mode('YUYV', 1280, 720, 10),
  mode('YUYV', 1920, 1080, 5),
  mode('MJPG', 640, 480, 30),
  mode('MJPG', 1280, 720, 60),
  mode('MJPG', 1280, 720, 30),
  mode('MJPG', 1920, 1080, 30),
  mode('H264', 1920, 1080, 30),
];
const FULL_HD = { width: 1920, height: 1080, fps: 30 };
const auto: V4l2Wish = { format: 'auto' };

describe('chooseMode', () => {
  it.each<[string, V4l2Wish, typeof FULL_HD, string]>([
    ['what has size and rate of the output', auto, FULL_HD, 'image/jpeg,width=1920,height=1080,framerate=30/1'],
    [
      'plain pixels where they are fast enough',
      auto,
      { width: 640, height: 480, fps: 30 },
      'video/x-raw,format=YUY2,width=640,height=480,framerate=30/1',
    ],
    ['the rate that is wanted', { ...auto, fps: 60 }, FULL_HD, 'image/jpeg,width=1280,height=720,framerate=60/1'],
    ['the size that is wanted', { ...auto, width: 1280 }, FULL_HD, 'image/jpeg,width=1280,height=720,framerate=30/1'],
    ['the format that is wanted', { format: 'h264' }, FULL_HD, 'video/x-h264,width=1920,height=1080,framerate=30/1'],
    [
      'slow pictures where those are wanted',
      { format: 'raw', height: 1080 },
      FULL_HD,
      'video/x-raw,format=YUY2,width=1920,height=1080,framerate=5/1',
    ],
  ])('takes %s', (_, wish, output, caps) => {
    expect(chooseMode(WEBCAM, wish, output)).toMatchObject({ caps });
  });

  it('takes a device that says no rate', () => {
    const chosen = chooseMode([{ ...mode('NV12', 640, 480, 0), rate: [0, 1] }], auto, FULL_HD);

    expect(chosen).toMatchObject({ caps: 'video/x-raw,format=NV12,width=640,height=480' });
  });

  it.each<[readonly DeviceMode[], V4l2Wish, string]>([
    [
      WEBCAM,
      { ...auto, width: 800 },
      'does not offer what source.v4l2 asks for; it offers YUYV 640×480 at 30, 1280×720 at 10',
    ],
    [[mode('Z16 ', 640, 480, 30)], auto, 'offers Z16, of which nothing is known here'],
  ])('says what there is where nothing fits', (modes, wish, words) => {
    expect(chooseMode(modes, wish, FULL_HD)).toContain(words);
  });
});

it('names each size once, with its fastest rate', () => {
  expect(describeModes(WEBCAM.slice(3))).toBe(
    'MJPG 640×480 at 30, 1280×720 at 60, 1920×1080 at 30; H264 1920×1080 at 30',
  );
});
