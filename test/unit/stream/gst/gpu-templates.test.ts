import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillTemplate, parseTemplate } from '#src/stream/gst/template.js';
import { nvencSettings } from '#src/stream/stages/encode/nvenc-settings.js';
import { chooseDecoders, decodeLaunch } from '#src/stream/stages/ingest/decoder-choice.js';
import { shapeLaunch } from '#src/stream/stages/ingest/picture-shape.js';
import { NVENC_DESCRIPTIONS } from '../stages/encode/nvenc-descriptions.js';
import { packagePath } from '#src/shared/package-root.js';

const template = (name: string): ReturnType<typeof parseTemplate> =>
  parseTemplate(name, readFileSync(packagePath(`pipelines/${name}.launch`), 'utf8'));

const choices = chooseDecoders(
  { has: (element) => /^(nvh26[45]dec|jpegdec)$/.test(element), rankOf: () => 256, propertiesOf: () => [] },
  { memory: 'cuda' },
);
const SHAPE = shapeLaunch({ rotate: 'auto', outputFps: 30 });
const wishes = { bitrateKbps: 4500, gopFrames: 60, vbvKbit: 1800 };

describe('pipelines on the card', () => {
  it('decode a camera without a conversion, but for Motion JPEG', () => {
    const launch = fillTemplate(template('ingest-rtsp'), {
      graph: 'g',
      ...{ location: 'rtsp://camera/', latencyMs: 100, dropOnLatency: false, timeoutUs: 5_000_000 },
      decoderH264: decodeLaunch(choices.h264, SHAPE),
      decoderH265: decodeLaunch(choices.h265, SHAPE),
      decoderJpeg: decodeLaunch(choices.jpeg, SHAPE),
    });

    expect(launch).toContain(
      'name=decode-h264 ! nvh264dec name=decoder-h264 ! video/x-raw(memory:CUDAMemory),format={NV12,P010_10LE} ! pictures.',
    );
    expect(launch).toContain('name=decode-h265 ! nvh265dec name=decoder-h265 ! video/x-raw(memory:CUDAMemory)');
    expect(launch.match(/videoconvert/g)).toHaveLength(1);
    expect(launch).toContain('name=decode-jpeg ! jpegdec name=decoder-jpeg ! videoconvert');
    expect(launch.match(/deinterlace/g)).toHaveLength(1);
  });

  it('decode a file without a conversion', () => {
    const launch = fillTemplate(template('ingest-file-cuda'), {
      graph: 'g',
      ...{ location: '/clip.mp4', codec: 'h265', isPaced: true, drop: true, ownTime: false },
      decoder: decodeLaunch(choices.h265, SHAPE),
    });

    expect(launch).toContain('caps="video/x-h265;audio/x-raw"');
    expect(launch).toContain('! h265parse ! nvh265dec name=decoder-h265 ! video/x-raw(memory:CUDAMemory)');
    expect(launch).not.toMatch(/videoconvert|videoflip/);
  });

  it.each(Object.keys(NVENC_DESCRIPTIONS))('encode from the memory of the card with %s', (description) => {
    const [element = ''] = description.split(' ');
    const { settings } = nvencSettings(NVENC_DESCRIPTIONS[description] ?? [], wishes);
    const encoder = [element, 'name=encoder', ...settings].join(' ');

    const launch = fillTemplate(template('encode-nvh264'), {
      graph: 'g',
      ...{ width: 1920, height: 1080, fps: 30, memory: 'memory:CUDAMemory', format: 'NV12', encoder },
    });
    const probe = fillTemplate(template('probe-encoder'), {
      graph: 'g',
      upload: 'cudaupload ! video/x-raw(memory:CUDAMemory)',
      encoder,
    });

    expect(launch).toContain('caps="video/x-raw(memory:CUDAMemory),format=NV12,width=1920,height=1080,framerate=30/1,');
    for (const each of [launch, probe]) expect(each).toContain(`! ${encoder}`);
    expect(probe).toContain('! cudaupload ! video/x-raw(memory:CUDAMemory) !');
  });
});
