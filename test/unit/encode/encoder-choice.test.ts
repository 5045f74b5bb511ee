import { describe, expect, it } from 'vitest';
import { chooseEncoder, ENCODER_ELEMENTS, type EncoderState } from '#stages/encode/encoder-choice.js';

const machine =
  (states: Readonly<Record<string, EncoderState>>) =>
  (element: string): EncoderState =>
    states[element] ?? 'missing';

describe('chooseEncoder', () => {
  it('takes NVENC where it works', () => {
    const choice = chooseEncoder('auto', machine({ nvh264enc: 'works', x264enc: 'works' }));

    expect(choice).toMatchObject({ encoder: 'nvh264', element: 'nvh264enc', rejected: [] });
  });

  it.each([
    ['missing', /NVENC/],
    ['fails', /nvidia-smi/],
  ] as const)('takes x264 where NVENC is %s, and says why', (state, reason) => {
    const choice = chooseEncoder('auto', machine({ nvh264enc: state, x264enc: 'works' }));

    expect(choice.encoder).toBe('x264');
    expect(choice.rejected).toEqual([{ element: 'nvh264enc', reason: expect.stringMatching(reason) as string }]);
  });

  it('takes the one asked for', () => {
    const choice = chooseEncoder('x264', machine({ nvh264enc: 'works', x264enc: 'works' }));

    expect(choice).toMatchObject({ encoder: 'x264', rejected: [] });
    expect(choice.reason).toContain('output.encoder');
  });

  it.each(['auto', 'nvh264', 'x264'] as const)('%s: says what is missing where nothing works', (wanted) => {
    expect(() => chooseEncoder(wanted, machine({}))).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_ELEMENT_MISSING' }),
    );
  });

  it('names every element it knows', () => {
    expect(ENCODER_ELEMENTS).toEqual(['nvh264enc', 'x264enc']);
  });
});
