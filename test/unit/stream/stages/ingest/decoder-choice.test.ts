import { describe, expect, it } from 'vitest';
import { chooseDecoder, chooseDecoders, decodeLaunch } from '#src/stream/stages/ingest/decoder-choice.js';
import type { DecoderMachine } from '#src/stream/stages/ingest/decoder-machine.js';
import type { ElementProperty } from '#src/stream/native/types.js';

const having = (...elements: string[]): DecoderMachine => ({
  has: (element) => elements.includes(element),
  rankOf: () => 256,
  propertiesOf: () => [],
});

const number = (name: string, minimum: number, maximum: number): ElementProperty => ({
  name,
  type: 'gint',
  isWritable: true,
  minimum,
  maximum,
});

const SHAPE = 'deinterlace ! videoflip';

describe('chooseDecoder', () => {
  it.each([
    ['h264', ['avdec_h264', 'nvh264dec', 'vah264dec'], 'nvh264dec', 'nvh264dec name=decoder-h264'],
    ['h264', ['avdec_h264', 'vah264dec', 'v4l2h264dec'], 'vah264dec', 'vah264dec name=decoder-h264'],
    [
      'h264',
      ['avdec_h264', 'nvv4l2decoder', 'nvvidconv'],
      'nvv4l2decoder',
      'nvv4l2decoder name=decoder-h264 enable-max-performance=true ! nvvidconv',
    ],
    [
      'h265',
      ['avdec_h265', 'vaapih265dec', 'vaapipostproc'],
      'vaapih265dec',
      'vaapih265dec name=decoder-h265 low-latency=true ! vaapipostproc',
    ],
    ['h265', ['avdec_h265', 'v4l2h265dec'], 'v4l2h265dec', 'v4l2h265dec name=decoder-h265'],
    ['h264', ['avdec_h264'], 'avdec_h264', 'avdec_h264 name=decoder-h264 thread-type=slice output-corrupt=false'],
    ['jpeg', ['avdec_mjpeg', 'jpegdec'], 'jpegdec', 'jpegdec name=decoder-jpeg'],
    ['jpeg', ['avdec_mjpeg'], 'avdec_mjpeg', 'avdec_mjpeg name=decoder-jpeg thread-type=slice output-corrupt=false'],
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

describe('chooseDecoder for CUDA memory', () => {
  const cuda = { memory: 'cuda' } as const;

  it('leaves the pictures in GPU memory: no conversion, and only settings that the element has', () => {
    const machine = {
      ...having('nvh264dec', 'avdec_h264'),
      propertiesOf: () => [number('max-display-delay', -1, 2 ** 31 - 1), number('num-output-surfaces', 0, 8)],
    };

    const choice = chooseDecoder('h264', machine, cuda);

    // At most 8 surfaces here, so the preference for more is left out.
    expect(decodeLaunch(choice, SHAPE)).toBe(
      'nvh264dec name=decoder-h264 max-display-delay=0 ! video/x-raw(memory:CUDAMemory),format={NV12,P010_10LE}',
    );
    expect(choice).toMatchObject({ memory: 'cuda', isHardware: true, isAvailable: true, rejected: [] });
  });

  it.each([
    ['nvh264dec first of equal ranks', {}, 'nvh264dec'],
    ['the stateless one where it ranks higher', { nvh264sldec: 257 }, 'nvh264sldec'],
  ] as const)('takes %s', (_, ranks: Readonly<Record<string, number>>, expected) => {
    const machine = { ...having('nvh264dec', 'nvh264sldec'), rankOf: (element: string) => ranks[element] ?? 256 };

    expect(chooseDecoder('h264', machine, cuda).element).toBe(expected);
  });

  it('takes the stateless one where it is the only one', () => {
    expect(chooseDecoder('h265', having('nvh265sldec', 'avdec_h265'), cuda).element).toBe('nvh265sldec');
  });

  it.each([
    [
      'a Jetson, whose tiles are put in rows',
      { nvv4l2decoder: ['enable-max-performance', 'num-extra-surfaces'], nvvidconv: ['bl-output'] },
      'nvv4l2decoder name=decoder-h265 enable-max-performance=true num-extra-surfaces=12 ! nvvidconv bl-output=false ! video/x-raw(memory:NVMM),format=NV12',
    ],
    [
      'DeepStream',
      { nvv4l2decoder: ['num-extra-surfaces'] },
      'nvv4l2decoder name=decoder-h265 num-extra-surfaces=12 ! video/x-raw(memory:NVMM),format=NV12',
    ],
  ] as const)('takes the surfaces of %s', (_, elements: Readonly<Record<string, readonly string[]>>, launch) => {
    const machine = {
      ...having(...Object.keys(elements)),
      propertiesOf: (element: string) =>
        elements[element]?.map((name) =>
          name === 'num-extra-surfaces' ? number(name, 0, 24) : { name, type: 'gboolean', isWritable: true },
        ),
    };

    const choice = chooseDecoder('h265', machine, cuda);

    expect(decodeLaunch(choice, SHAPE)).toBe(launch);
    expect(choice.reason).toContain('not yet tried on such hardware');
  });

  it('prefers nvcodec to nvv4l2decoder', () => {
    expect(chooseDecoder('h264', having('nvv4l2decoder', 'nvh264dec'), cuda).element).toBe('nvh264dec');
  });

  it.each([
    [['nvh265dec', 'nvh265device1dec', 'nvh265device2dec'], 'nvh265device1dec'],
    [['nvh265dec', 'nvh265sldevice1dec'], 'nvh265sldevice1dec'],
  ] as const)('takes those of the card in use: of %j %s', (elements, expected) => {
    const choice = chooseDecoder('h265', having(...elements, 'avdec_h265'), { ...cuda, device: 1 });

    expect(choice).toMatchObject({ element: expected, memory: 'cuda' });
  });

  it('decodes on the CPU where the GPU in use has no decoder, and says why', () => {
    const { element, memory, rejected } = chooseDecoder('h264', having('nvh264dec', 'avdec_h264'), {
      ...cuda,
      device: 1,
    });

    expect([element, memory]).toEqual(['avdec_h264', 'system']);
    expect(rejected.slice(0, 2)).toEqual([
      { element: 'nvh264device1dec', reason: 'GStreamer has no decoder on GPU 1' },
      { element: 'nvh264dec', reason: 'decodes on GPU 0, and gpu.device is 1' },
    ]);
  });

  it("sets the GPU of DeepStream's decoder, and does not use it where that is not possible", () => {
    const machine = having('nvv4l2decoder', 'avdec_h264');
    const told = { ...machine, propertiesOf: () => [number('gpu-id', 0, 16)] };
    const second = { ...cuda, device: 1 };

    expect(chooseDecoder('h264', told, second).launch).toBe('nvv4l2decoder name=decoder-h264 gpu-id=1');
    expect(chooseDecoder('h264', machine, second).element).toBe('avdec_h264');
  });

  it('falls back to system memory without NVDEC, and for Motion JPEG', () => {
    const choices = chooseDecoders(having('avdec_h264', 'jpegdec'), cuda);

    expect(choices.h264).toMatchObject({ element: 'avdec_h264', memory: 'system', isHardware: false });
    expect(choices.h264.rejected[0]).toMatchObject({ element: 'nvh264dec' });
    expect(choices.jpeg).toMatchObject({ element: 'jpegdec', memory: 'system' });
    expect(choices.jpeg.rejected[0]?.reason).toContain('Motion JPEG');
    expect(decodeLaunch(choices.h264, SHAPE)).toContain(
      `! videoconvert n-threads=2 ! video/x-raw,format={I420,NV12} ! ${SHAPE}`,
    );
  });

  it('leaves out what failed, and keeps the reason', () => {
    const avoid = new Map([['nvh264dec', 'nvh264dec failed: no session']]);

    const choice = chooseDecoder('h264', having('nvh264dec', 'avdec_h264'), { ...cuda, avoid });

    expect(choice.element).toBe('avdec_h264');
    expect(choice.rejected.filter(({ element }) => element === 'nvh264dec')).toEqual([
      { element: 'nvh264dec', reason: 'nvh264dec failed: no session' },
    ]);
  });
});
