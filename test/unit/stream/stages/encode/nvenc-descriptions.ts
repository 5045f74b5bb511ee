import type { ElementProperty } from '#src/stream/native/types.js';

// What NVENC elements say of themselves, by release, written down from GStreamer's documentation and
// the sources of nvcodec: those properties that matter here, on a GPU that has everything.

const whole = (name: string, minimum = 0, maximum = 2 ** 31 - 1, type = 'guint'): ElementProperty => ({
  name,
  type,
  isWritable: true,
  minimum,
  maximum,
});
const flag = (name: string): ElementProperty => ({ name, type: 'gboolean', isWritable: true });
const choice = (name: string, type: string, choices: readonly string[]): ElementProperty => ({
  name,
  type,
  isWritable: true,
  choices,
});

const NAMED = ['default', 'hp', 'hq', 'low-latency', 'low-latency-hq', 'low-latency-hp', 'lossless', 'lossless-hp'];
const LADDER = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'];
const TUNES = ['default', 'high-quality', 'low-latency', 'ultra-low-latency', 'lossless'];

const device = { ...whole('cuda-device-id'), isWritable: false };
const common = [
  device,
  whole('bitrate', 0, 2000 * 1024),
  whole('vbv-buffer-size'),
  whole('rc-lookahead', 0, 32),
  whole('gop-size', -1, 2 ** 31 - 1, 'gint'),
  flag('strict-gop'),
  flag('aud'),
];

/** The first nvh264enc: in 1.18 to 1.22, with presets by name. */
const first = [
  ...common,
  choice('preset', 'GstNvPreset', NAMED),
  choice('rc-mode', 'GstNvRCMode', ['default', 'constqp', 'cbr', 'vbr', 'vbr-minqp', 'cbr-ld-hq', 'cbr-hq', 'vbr-hq']),
  flag('zerolatency'),
  whole('bframes', 0, 4),
];
/** The elements that came with 1.22. */
const second = [
  ...common,
  choice('preset', 'GstNvEncoderPreset', NAMED),
  choice('rate-control', 'GstNvEncoderRCMode', ['cqp', 'vbr', 'cbr', 'cbr-ld-hq', 'cbr-hq', 'vbr-hq']),
  flag('zero-reorder-delay'),
  whole('b-frames', 0, 4),
  flag('repeat-sequence-header'),
];

const withLadder = (description: readonly ElementProperty[]): readonly ElementProperty[] => [
  ...description.map((property) =>
    property.name === 'preset' ? { ...property, choices: [...NAMED, ...LADDER] } : property,
  ),
  choice('tune', 'GstNvEncoderTune', TUNES),
  choice('multi-pass', 'GstNvEncoderMultiPass', ['disabled', 'two-pass-quarter', 'two-pass']),
];

export const NVENC_DESCRIPTIONS: Readonly<Record<string, readonly ElementProperty[]>> = {
  'nvh264enc of 1.20': first,
  'nvh264enc of 1.22': first,
  'nvcudah264enc of 1.22': second,
  'nvcudah264enc of 1.24': withLadder(second),
  // Takes the place of both, and answers to the names of both.
  'nvh264enc of 1.26': withLadder([
    ...second,
    choice('rc-mode', 'GstNvEncoderRCMode', ['constqp', 'vbr', 'cbr', 'cbr-ld-hq', 'cbr-hq', 'vbr-hq']),
    flag('zerolatency'),
    whole('bframes', 0, 4),
  ]),
};
