import type { ElementProperty } from '../../native/types.js';

/** What NVENC should do. */
export interface NvencPreferences {
  /** Constant bitrate of the video. */
  readonly bitrateKbps: number;
  /** Rate control buffer, kilobits. */
  readonly vbvKbit: number;
}

/** How an element is told that. */
export interface NvencSettings {
  /** `property=value` each, as in a launch string. */
  readonly settings: readonly string[];
  /** What this element cannot be told although it matters; its defaults apply there. */
  readonly missing: readonly string[];
}

interface Preference {
  readonly meaning: string;
  /** Ways to say it, best first: what is set together. */
  readonly ways: readonly (readonly Setting[])[];
  /** An element that cannot be told has nothing of the kind. */
  readonly isOptional?: true;
}

interface Setting {
  readonly property: string;
  readonly value: string | number | boolean;
}

/** Of a group of pictures. */
const NO_END = -1;

const one = (property: string, value: Setting['value']): readonly Setting[] => [{ property, value }];

/**
 * Names and values differ between releases of nvcodec: p1 … p7 with `tune` came with 1.24 (before it:
 * presets by name), and the elements that came with 1.22 (nvcudah264enc, nvautogpuh264enc; called
 * nvh264enc later) say rate-control, b-frames and zero-reorder-delay where the first nvh264enc says
 * rc-mode, bframes and zerolatency. Some properties are only there where the GPU can do it.
 */
const preferences = ({ bitrateKbps, vbvKbit }: NvencPreferences): readonly Preference[] => [
  {
    meaning: 'low delay',
    ways: [
      [
        { property: 'preset', value: 'p4' },
        { property: 'tune', value: 'ultra-low-latency' },
      ],
      one('preset', 'low-latency-hq'),
      one('preset', 'low-latency'),
    ],
  },
  { meaning: 'constant bitrate', ways: [one('rate-control', 'cbr'), one('rc-mode', 'cbr')] },
  { meaning: 'bitrate', ways: [one('bitrate', bitrateKbps)] },
  { meaning: 'rate control buffer', ways: [one('vbv-buffer-size', vbvKbit)] },
  // Keyframes come where the pacer forces them, and nowhere else.
  { meaning: 'no keyframes by itself', ways: [one('gop-size', NO_END)] },
  { meaning: 'even rate from one keyframe to the next', ways: [one('strict-gop', true)] },
  { meaning: 'no B-frames', ways: [one('b-frames', 0), one('bframes', 0)], isOptional: true },
  { meaning: 'no look-ahead', ways: [one('rc-lookahead', 0)], isOptional: true },
  { meaning: 'no reordering', ways: [one('zero-reorder-delay', true), one('zerolatency', true)] },
  { meaning: 'no access unit delimiters', ways: [one('aud', false)], isOptional: true },
];

/** The settings of an NVENC element, by the properties that it has. */
export function nvencSettings(properties: readonly ElementProperty[], wanted: NvencPreferences): NvencSettings {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const settings: string[] = [];
  const missing: string[] = [];
  for (const { meaning, ways, isOptional = false } of preferences(wanted)) {
    const way = ways.find((each) => each.every((setting) => takes(byName.get(setting.property), setting.value)));
    if (way === undefined && !isOptional) missing.push(meaning);
    if (way !== undefined) settings.push(...way.map(({ property, value }) => `${property}=${value}`));
  }
  return { settings, missing };
}

function takes(property: ElementProperty | undefined, value: Setting['value']): boolean {
  if (property?.isWritable !== true) return false;
  if (typeof value === 'string') return property.choices?.includes(value) === true;
  if (typeof value === 'boolean') return property.type === 'gboolean';
  const { minimum = value, maximum = value } = property;
  return minimum <= value && value <= maximum;
}
