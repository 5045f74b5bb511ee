import { describe, expect, it } from 'vitest';
import { explainBottleneck, findBottleneck, STAGES, type Workers } from '#src/bench/bottleneck.js';

describe('findBottleneck', () => {
  it('takes the stage that costs most, with its share and the rate that it allows', () => {
    expect(findBottleneck({ decode: 2, detect: 5, track: 0.5, compose: 2.5 })).toEqual({
      stage: 'detect',
      share: 0.5,
      fps: 200,
    });
  });

  it('leaves out what was not measured', () => {
    expect(findBottleneck({ decode: 4, encode: Number.NaN, reid: 0 })).toEqual({ stage: 'decode', share: 1, fps: 250 });
  });

  it.each([{}, { decode: 0 }, { encode: Number.NaN }])('knows none of %j', (costs) => {
    expect(findBottleneck(costs)).toBeUndefined();
  });
});

describe('explainBottleneck', () => {
  const machines: readonly Workers[] = [
    { processor: 'gpu', decoder: 'nvh264dec', encoder: 'nvh264enc' },
    { processor: 'gpu', decoder: 'nvh264dec', encoder: 'x264enc' },
    { processor: 'cpu', decoder: 'avdec_h264', encoder: 'x264enc' },
    { processor: 'cpu', decoder: 'avdec_h264' },
  ];
  const cases = STAGES.flatMap((stage) => machines.map((workers) => ({ stage, workers })));

  it.each(cases)('says one sentence with the numbers: $stage, $workers', ({ stage, workers }) => {
    const said = explainBottleneck({ stage, share: 0.613, fps: 87.4 }, workers);
    expect(said).toMatch(/^[A-Z][^.]* takes 61 % of a frame's time and allows 87 frames a second: /);
    expect(said.endsWith('.')).toBe(true);
    expect(said).not.toMatch(/undefined/);
  });

  it.each([
    ['decode', 0, /nvh264dec is at the speed of the GPU's decoder/],
    ['decode', 2, /avdec_h264 .* CPU.*NVDEC/],
    ['detect', 2, /detect\.threads/],
    ['reid', 2, /reid\.riskThreshold/],
    ['compose', 1, /brought down the bus/],
    ['encode', 0, /nvh264enc is at the speed/],
    ['encode', 1, /x264enc works on the CPU.*NVENC/],
  ] as const)('gives the reason of %s on machine %d', (stage, machine, reason) => {
    expect(explainBottleneck({ stage, share: 0.5, fps: 50 }, machines[machine]!)).toMatch(reason);
  });
});
