import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { decodeAmf, encodeAmf, type AmfValue } from '#src/stream/stages/publish/rtmp/amf0.js';

describe('AMF0', () => {
  it.each<[string, AmfValue[]]>([
    ['a command', ['connect', 1, { app: 'live', audioCodecs: 3191, ok: true }, null, undefined]],
    [
      'nested objects and lists',
      ['_error', 1, null, { ex: { code: 302, redirect: 'rtmp://x/y' }, list: [1, 'a', [false]] }],
    ],
    ['text of any length', ['', 'ä', 'x'.repeat(70_000)]],
  ])('%s comes back as it was', (_name, values) => {
    expect(decodeAmf(encodeAmf(values))).toEqual(values);
  });

  it('reads ECMA arrays and dates', () => {
    const ecma = Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61, 5, 0, 0, 9]);
    const date = Buffer.from([11, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0]);

    expect(decodeAmf(Buffer.concat([ecma, date]))).toEqual([{ a: null }, 1]);
  });

  it('gives what came before the bytes end or mean nothing', () => {
    const whole = encodeAmf(['a', 1, { b: 2 }]);

    for (let end = 0; end < whole.length; end++) expect(decodeAmf(whole.subarray(0, end)).length).toBeLessThan(3);
    expect(decodeAmf(Buffer.concat([encodeAmf(['a']), Buffer.from([99, 1, 2])]))).toEqual(['a']);
  });

  it('does not fail on any bytes', () => {
    const random = seededRandom(1);
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 14)));

      expect(() => decodeAmf(bytes)).not.toThrow();
    }
  });
});
