import { describe, expect, it } from 'vitest';
import { chooseEncoder, encoderElements, type EncoderState } from '#src/stream/stages/encode/encoder-choice.js';

const machine =
  (states: Readonly<Record<string, EncoderState['state'] | EncoderState>>) =>
  (element: string): EncoderState => {
    const state = states[element] ?? 'missing';
    return typeof state === 'string' ? { state } : state;
  };

describe('chooseEncoder', () => {
  it('takes NVENC where it works', () => {
    const choice = chooseEncoder('auto', machine({ nvh264enc: 'works', x264enc: 'works' }));

    expect(choice).toMatchObject({ encoder: 'nvh264', element: 'nvh264enc', rejected: [] });
  });

  it('takes the newer of two NVENC elements, and the other one where that fails', () => {
    const both = { nvh264enc: 'works', x264enc: 'works' } as const;

    expect(chooseEncoder('auto', machine({ ...both, nvcudah264enc: 'works' })).element).toBe('nvcudah264enc');
    expect(chooseEncoder('auto', machine({ ...both, nvcudah264enc: 'fails' })).element).toBe('nvh264enc');
  });

  it.each([
    ['missing', /no NVIDIA GPU with NVENC/],
    ['fails', /nvidia-smi/],
  ] as const)('takes x264 where NVENC is %s, and says why', (state, reason) => {
    const choice = chooseEncoder('auto', machine({ nvh264enc: state, x264enc: 'works' }));

    expect(choice.encoder).toBe('x264');
    expect(choice.rejected).toEqual([{ element: 'nvh264enc', reason: expect.stringMatching(reason) as string }]);
  });

  it('passes on what a failing encoder said', () => {
    const failing = { state: 'fails', said: 'out of sessions' } as const;

    const { rejected } = chooseEncoder('auto', machine({ nvh264enc: failing, x264enc: 'works' }));

    expect(rejected[0]?.reason).toMatch(/nvidia-smi.*\(out of sessions\)/);
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
    expect(encoderElements()).toEqual(['nvcudah264enc', 'nvh264enc', 'x264enc']);
  });

  it('has those of the GPU in use', () => {
    const states = machine({ nvcudah264enc: 'works', nvh264device1enc: 'works', x264enc: 'works' });

    expect(encoderElements(1)).toEqual(['nvcudah264device1enc', 'nvh264device1enc', 'x264enc']);
    expect(chooseEncoder('auto', states, 1)).toMatchObject({ encoder: 'nvh264', element: 'nvh264device1enc' });
    expect(chooseEncoder('auto', states, 2)).toMatchObject({
      encoder: 'x264',
      rejected: [
        { element: 'nvh264device2enc', reason: expect.stringContaining('no NVIDIA GPU with NVENC') as string },
      ],
    });
  });
});
