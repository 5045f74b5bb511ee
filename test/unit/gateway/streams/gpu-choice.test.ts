import { describe, expect, it } from 'vitest';
import { emptiestGpu, gpuEnvironment, gpusFor, parseGpuList, type GpuDevice } from '#src/gateway/streams/gpu-choice.js';

const gpu = (index: number): GpuDevice => ({ index, uuid: `GPU-${index}904918e-d192` });
const THREE = [gpu(0), gpu(1), gpu(2)];
const indices = (devices: readonly GpuDevice[]): number[] => devices.map(({ index }) => index);

describe('parseGpuList', () => {
  it('reads what nvidia-smi prints, and nothing else of it', () => {
    const text = '0, GPU-0904918e-d192\n1, GPU-1904918e-d192\nNo devices were found\n2, [Unknown Error]\n';

    expect(parseGpuList(text)).toEqual([gpu(0), gpu(1)]);
  });
});

describe('gpusFor', () => {
  it.each([
    ['all where nothing is said', { device: 0 }, undefined, [0, 1, 2]],
    ['the one of gpu.device', { device: 2 }, undefined, [2]],
    ['those of gpu.devices', { devices: [0, 2], device: 0 }, undefined, [0, 2]],
    ['those of gpu.devices before gpu.device', { devices: [0], device: 2 }, undefined, [0]],
    ['only what the environment leaves, by index', { device: 0 }, '1, 2', [1, 2]],
    ['only what the environment leaves, by UUID or the start of one', { device: 0 }, 'GPU-0904918e-d192,GPU-1', [0, 1]],
    ['none where the environment leaves none', { device: 0 }, '', []],
  ])('takes %s', (_, config, visible, expected) => {
    expect(indices(gpusFor({ devices: undefined, ...config }, THREE, visible))).toEqual(expected);
  });

  it('says which GPU there is not, and which there are', () => {
    expect(() => gpusFor({ devices: [1, 7], device: 0 }, THREE, undefined)).toThrow(
      'gpu.devices: there is no GPU 7 here; nvidia-smi lists 0, 1, 2',
    );
    expect(() => gpusFor({ devices: undefined, device: 4 }, THREE, undefined)).toThrow('gpu.device: there is no GPU 4');
  });

  it('says where the environment leaves none of those that are asked for', () => {
    expect(() => gpusFor({ devices: [0, 1], device: 0 }, THREE, '2')).toThrow(
      'gpu.devices: CUDA_VISIBLE_DEVICES=2 leaves none of GPU 0, 1',
    );
  });
});

describe('emptiestGpu', () => {
  it('takes the first of those with the fewest streams', () => {
    expect(emptiestGpu(THREE, [])).toEqual(gpu(0));
    expect(emptiestGpu(THREE, [gpu(0), undefined, gpu(2)])).toEqual(gpu(1));
    expect(emptiestGpu(THREE, [gpu(0), gpu(0), gpu(1), gpu(2)])).toEqual(gpu(1));
  });

  it('takes none where there are none', () => {
    expect(emptiestGpu([], [undefined])).toBeUndefined();
  });
});

it('shows a process its GPU only', () => {
  expect(gpuEnvironment(gpu(1))).toEqual({ CUDA_VISIBLE_DEVICES: 'GPU-1904918e-d192', DIPTYCH_GPU_INDEX: '1' });
  expect(gpuEnvironment(undefined)).toEqual({});
});
