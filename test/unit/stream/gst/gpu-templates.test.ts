import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillTemplate, parseTemplate } from '#src/stream/gst/template.js';
import { nvencSettings } from '#src/stream/stages/encode/nvenc-settings.js';
import { chooseDecoders, decodeLaunch } from '#src/stream/stages/ingest/decoder-choice.js';
import { depayLaunch } from '#src/stream/stages/ingest/stream-branches.js';
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
const wishes = { bitrateKbps: 4500, vbvKbit: 1800 };

describe('pipelines on the card', () => {
  it('decode a camera without a conversion, but for Motion JPEG', () => {
    const [h264, h265, jpeg] = (['h264', 'h265', 'jpeg'] as const).map((codec) =>
      fillTemplate(template('ingest-pictures'), {
        graph: 'g',
        ...{ depayloader: depayLaunch(codec), decoder: decodeLaunch(choices[codec], SHAPE) },
      }),
    );

    expect(h264).toContain(
      'name=decode ! nvh264dec name=decoder-h264 ! video/x-raw(memory:CUDAMemory),format={NV12,P010_10LE} ! diptychsink',
    );
    expect(h265).toContain('name=decode ! nvh265dec name=decoder-h265 ! video/x-raw(memory:CUDAMemory)');
    expect(`${h264}${h265}`).not.toMatch(/videoconvert|deinterlace/);
    expect(jpeg).toMatch(/name=decode ! jpegdec name=decoder-jpeg ! videoconvert.*deinterlace/);
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
      profile: 'constrained-baseline',
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
