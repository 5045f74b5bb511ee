import { describe, expect, it } from 'vitest';
import { chooseDecoder, chooseDecoders } from '#stages/ingest/decoder-choice.js';

const having =
  (...elements: string[]) =>
  (element: string): boolean =>
    elements.includes(element);

describe('chooseDecoder', () => {
  it.each([
    ['h264', ['avdec_h264', 'nvh264dec', 'vah264dec'], 'nvh264dec', 'nvh264dec'],
    ['h264', ['avdec_h264', 'vah264dec', 'v4l2h264dec'], 'vah264dec', 'vah264dec'],
    [
      'h264',
      ['avdec_h264', 'nvv4l2decoder', 'nvvidconv'],
      'nvv4l2decoder',
      'nvv4l2decoder enable-max-performance=true ! nvvidconv',
    ],
    [
      'h265',
      ['avdec_h265', 'vaapih265dec', 'vaapipostproc'],
      'vaapih265dec',
      'vaapih265dec low-latency=true ! vaapipostproc',
    ],
    ['h265', ['avdec_h265', 'v4l2h265dec'], 'v4l2h265dec', 'v4l2h265dec'],
    ['h264', ['avdec_h264'], 'avdec_h264', 'avdec_h264 thread-type=slice output-corrupt=false'],
    ['jpeg', ['avdec_mjpeg', 'jpegdec'], 'jpegdec', 'jpegdec'],
    ['jpeg', ['avdec_mjpeg'], 'avdec_mjpeg', 'avdec_mjpeg thread-type=slice output-corrupt=false'],
  ] as const)('for %s takes the best of %j', (codec, elements, element, launch) => {
    expect(chooseDecoder(codec, having(...elements))).toMatchObject({ codec, element, launch, isAvailable: true });
  });

  it('gives the reason for each better one not taken, best first', () => {
    const { rejected, reason } = chooseDecoder('h264', having('avdec_h264'));

    expect(rejected.map(({ element }) => element)).toEqual([
      'nvh264dec',
      'nvv4l2decoder',
      'vah264dec',
      'vaapih264dec',
      'v4l2h264dec',
    ]);
    expect(rejected[0]?.reason).toContain('NVIDIA');
    expect(reason).toContain('CPU');
  });

  it('does not take a decoder that lacks its companion', () => {
    const { element, rejected } = chooseDecoder('h264', having('nvv4l2decoder', 'avdec_h264'));

    expect(element).toBe('avdec_h264');
    expect(rejected).toContainEqual({ element: 'nvv4l2decoder', reason: 'nvvidconv is missing' });
  });

  it('says where nothing decodes a codec, with what to install', () => {
    const choices = chooseDecoders(having('jpegdec'));

    expect(choices.jpeg.isAvailable).toBe(true);
    expect(choices.h265).toMatchObject({ isAvailable: false, launch: 'identity' });
    expect(choices.h265.rejected.at(-1)?.reason).toContain('gstreamer1.0-libav');
  });
});
