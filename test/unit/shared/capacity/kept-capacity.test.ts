import { describe, expect, it } from 'vitest';
import {
  capacityOf,
  keptCapacitySchema,
  type Hardware,
  type KeptCapacity,
} from '#src/shared/capacity/kept-capacity.js';

const HARDWARE: Hardware = { cpu: 'Some CPU', cores: 8, memoryMb: 16_000, gpus: [] };
const KEPT: KeptCapacity = {
  ...{ format: 1, measuredAt: '2026-03-01T12:00:00.000Z', version: '1.2.0', hardware: HARDWARE },
  ...{ stream: { width: 1920, height: 1080, fps: 30 }, streams: 8, units: 8.5 },
  ...{ limit: '97 % of all processor cores are busy', use: { cpu: 0.8, memory: 0.3 } },
};
const NOW = { hardware: HARDWARE, version: '1.2.0', nowMs: Date.parse('2026-04-01T12:00:00Z') };

describe('what a machine holds', () => {
  it('is what was measured on it', () => {
    const capacity = capacityOf({ kept: KEPT }, NOW);

    expect(capacity).toEqual({
      ...{
        units: 8.5,
        isMeasured: true,
        full: { cpu: expect.closeTo(0.85) as number, memory: 0.85, gpu: 0.85, decoder: 0.85 },
      },
      origin: 'measured at 2026-03-01: 97 % of all processor cores are busy',
    });
  });

  it.each<readonly [string, Partial<KeptCapacity>, RegExp]>([
    ['with another version', { version: '1.1.0' }, /measured with Diptych 1\.1\.0; .*bench capacity/],
    ['long ago', { measuredAt: '2024-04-01T12:00:00.000Z' }, /measured 730 days ago; .*bench capacity/],
  ])('is used and to be measured anew where that was %s', (_what, change, advice) => {
    const capacity = capacityOf({ kept: { ...KEPT, ...change } }, NOW);

    expect(capacity.units).toBe(8.5);
    expect(capacity.advice).toMatch(advice);
  });

  it.each<readonly [string, Partial<Hardware>, string]>([
    ['another processor', { cpu: 'Other CPU' }, 'processor Some CPU, now Other CPU'],
    ['fewer cores', { cores: 4 }, '8 cores, now 4'],
    ['less memory', { memoryMb: 8000 }, '16000 MB of memory, now 8000'],
    ['a GPU more', { gpus: ['NVIDIA L4'] }, 'GPUs none, now NVIDIA L4'],
  ])('is assumed where it was measured with %s', (_what, change, difference) => {
    const capacity = capacityOf({ kept: KEPT }, { ...NOW, hardware: { ...HARDWARE, ...change } });

    expect(capacity.isMeasured).toBe(false);
    expect(capacity.origin).toContain(`other hardware (${difference})`);
  });

  it('is the same where the kernel keeps a little more memory for itself', () => {
    const hardware = { ...HARDWARE, memoryMb: 15_600 };

    expect(capacityOf({ kept: KEPT }, { ...NOW, hardware }).isMeasured).toBe(true);
  });

  it.each<readonly [string, Partial<Hardware>, number]>([
    ['a stream a core', {}, 8],
    ['two a core with a GPU', { gpus: ['NVIDIA L4'] }, 16],
    ['what memory holds', { memoryMb: 2000 }, 4],
    ['one where it is tiny', { cores: 1, memoryMb: 300 }, 1],
  ])('is assumed to be %s where nothing was measured', (_what, change, units) => {
    const machine = { ...NOW, hardware: { ...HARDWARE, ...change } };

    const capacity = capacityOf({ problem: 'it was not measured (there is no capacity.json)' }, machine);

    expect(capacity.units).toBe(units);
    expect(capacity.origin).toContain('because it was not measured (there is no capacity.json)');
    expect(capacity.advice).toContain('diptych bench capacity');
  });

  it.each<readonly [string, Partial<KeptCapacity>, object]>([
    [
      'where the fullest part was',
      { units: 8, use: { cpu: 0.3, memory: 0.2, decoder: 0.37, gpu: 0.1 } },
      { decoder: 0.37, cpu: 0.85 },
    ],
    [
      'above the usual where more was carried',
      { units: 8, use: { cpu: 0.95, memory: 0.9 } },
      { cpu: 0.95, memory: 0.9 },
    ],
    [
      'with what is left for a part of one more',
      { streams: 2, units: 2.5, use: { cpu: 0.68, memory: 0.1 } },
      { cpu: 0.85 },
    ],
    [
      'as it was with streams of another size',
      { stream: { width: 3840, height: 2160, fps: 30 }, streams: 4, units: 10, use: { cpu: 0.6, memory: 0.1 } },
      { cpu: 0.6 },
    ],
  ])('is full %s', (_what, change, full) => {
    const capacity = capacityOf({ kept: { ...KEPT, ...change } }, NOW);

    for (const [part, share] of Object.entries(full)) {
      expect(capacity.full[part as keyof typeof capacity.full]).toBeCloseTo(share as number, 6);
    }
  });

  it('is read as it was written, and nothing else', () => {
    const text = JSON.stringify(KEPT);

    expect(keptCapacitySchema.parse(JSON.parse(text))).toEqual(KEPT);
    expect(keptCapacitySchema.safeParse({ ...KEPT, units: 0 }).success).toBe(false);
    expect(keptCapacitySchema.safeParse({ ...KEPT, format: 2 }).success).toBe(false);
  });
});
