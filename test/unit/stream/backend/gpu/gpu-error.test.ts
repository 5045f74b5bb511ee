import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { explainLossInFile, isGpuLost, isLeftToCpu, toGpuError } from '#src/stream/backend/gpu/gpu-error.js';

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('toGpuError', () => {
  it.each([
    { given: coded('DIPTYCH_E_GPU_LOST', 'gone'), code: 'DIPTYCH_E_GPU_LOST', message: 'gone' },
    { given: coded('DIPTYCH_E_GPU', 'no driver'), code: 'DIPTYCH_E_GPU', message: 'no driver' },
    { given: coded('DIPTYCH_E_MODEL', 'wrong shape'), code: 'DIPTYCH_E_MODEL', message: 'wrong shape' },
    { given: coded('ENOENT', 'what'), code: 'DIPTYCH_E_GPU', message: 'detecting on the GPU failed: what' },
    { given: 'text', code: 'DIPTYCH_E_GPU', message: 'detecting on the GPU failed: text' },
  ])('makes $code of $given', ({ given, code, message }) => {
    expect(toGpuError(given, 'detecting')).toMatchObject({ code, message, cause: given });
  });

  it('blames everything on a GPU that is lost', () => {
    expect(toGpuError(new Error('unknown error'), 'detecting', 'fell off the bus')).toMatchObject({
      code: 'DIPTYCH_E_GPU_LOST',
      message: 'fell off the bus',
    });
  });

  it('leaves errors of ours as they are', () => {
    const own = new DiptychError('DIPTYCH_E_CONFIG', 'wrong');

    expect(toGpuError(own, 'opening', 'lost')).toBe(own);
  });
});

describe('explainLossInFile', () => {
  it.each([
    [coded('DIPTYCH_E_GPU_LOST', 'out of memory'), undefined, 'out of memory'],
    [new Error('no picture'), 'fell off the bus', 'fell off the bus'],
  ])('says what to do: %s, %s', (error, lostReason, reason) => {
    expect(explainLossInFile(error, lostReason)).toMatchObject({
      code: 'DIPTYCH_E_GPU_LOST',
      message: `${reason}; the result is not complete: run again with --gpu off`,
    });
  });

  it('leaves errors without a loss as they are', () => {
    const error = new Error('no picture');

    expect(explainLossInFile(error)).toBe(error);
  });
});

describe('isLeftToCpu', () => {
  it('is whatever the GPU can’t do', () => {
    const codes = ['DIPTYCH_E_GPU_LOST', 'DIPTYCH_E_GPU', 'DIPTYCH_E_MODEL', 'DIPTYCH_E_CONFIG'];

    expect(codes.map((code) => isLeftToCpu(coded(code, '')))).toEqual([true, true, true, false]);
  });
});

describe('isGpuLost', () => {
  it('knows a lost card by the code', () => {
    expect([coded('DIPTYCH_E_GPU_LOST', ''), coded('DIPTYCH_E_GPU', ''), undefined, 'x'].map(isGpuLost)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
