import { describe, expect, it } from 'vitest';
import { nvencSettings } from '#src/stream/stages/encode/nvenc-settings.js';
import { NVENC_DESCRIPTIONS } from './nvenc-descriptions.js';

const PREFERENCES = { bitrateKbps: 4500, vbvKbit: 1800 };
const ALL = ['bitrate=4500', 'vbv-buffer-size=1800', 'gop-size=-1', 'strict-gop=true', 'rc-lookahead=0', 'aud=false'];
const FIRST = [...ALL, 'rc-mode=cbr', 'bframes=0', 'zerolatency=true', 'preset=low-latency-hq'];
const SECOND = [...ALL, 'rate-control=cbr', 'b-frames=0', 'zero-reorder-delay=true'];
const LADDER = ['preset=p4', 'tune=ultra-low-latency'];

const of = (name: string): (typeof NVENC_DESCRIPTIONS)[string] => NVENC_DESCRIPTIONS[name] ?? [];

describe('nvencSettings', () => {
  it.each([
    ['nvh264enc of 1.20', FIRST],
    ['nvh264enc of 1.22', FIRST],
    ['nvcudah264enc of 1.22', [...SECOND, 'preset=low-latency-hq']],
    ['nvcudah264enc of 1.24', [...SECOND, ...LADDER]],
    ['nvh264enc of 1.26', [...SECOND, ...LADDER]],
  ])('says all of it to %s, in its words', (name, expected) => {
    const { settings, missing } = nvencSettings(of(name), PREFERENCES);

    expect(settings.toSorted()).toEqual(expected.toSorted());
    expect(missing).toEqual([]);
  });

  it('leaves out what this GPU cannot do, and says so', () => {
    const lesser = of('nvcudah264enc of 1.24').filter(
      ({ name }) => !['vbv-buffer-size', 'rc-lookahead', 'b-frames'].includes(name),
    );

    const { settings, missing } = nvencSettings(lesser, PREFERENCES);

    expect(settings.join(' ')).not.toMatch(/vbv|lookahead|frames/);
    // A GPU without B-frames and look-ahead needs no setting against them.
    expect(missing).toEqual(['rate control buffer']);
  });

  it('does not set what is out of range, read only, of another type or not among the choices', () => {
    const odd = of('nvh264enc of 1.20').map((property) => {
      if (property.name === 'bitrate') return { ...property, maximum: 1000 };
      if (property.name === 'gop-size') return { ...property, isWritable: false };
      if (property.name === 'aud') return { ...property, type: 'guint' };
      if (property.name === 'preset') return { ...property, choices: ['default', 'low-latency'] };
      return property;
    });

    const { settings, missing } = nvencSettings(odd, PREFERENCES);

    expect(settings).toContain('preset=low-latency');
    expect(missing).toEqual(['bitrate', 'no keyframes by itself']);
  });

  it('needs a preset of the ladder and a tune together', () => {
    const untuned = of('nvcudah264enc of 1.24').filter(({ name }) => name !== 'tune');

    expect(nvencSettings(untuned, PREFERENCES).settings).toContain('preset=low-latency-hq');
  });

  it('says nothing to an element without properties', () => {
    expect(nvencSettings([], PREFERENCES)).toMatchObject({ settings: [] });
    expect(nvencSettings([], PREFERENCES).missing).toHaveLength(7);
  });
});
