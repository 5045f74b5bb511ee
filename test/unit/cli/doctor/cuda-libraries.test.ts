import { expect, it } from 'vitest';
import { CUDA_LIBRARIES, describeLibraries } from '#src/cli/doctor/cuda-libraries.js';

it('says what is there, the best of several, and what to install for the rest', () => {
  const there = ['libcuda.so.1', 'libnvrtc.so.12', 'libnvrtc.so.11.2', 'libcudart.so.13', 'libcublas.so.13'];

  const { found, missing } = describeLibraries(CUDA_LIBRARIES, (file) => there.includes(file));

  expect(found).toEqual([
    'driver (libcuda.so.1)',
    'NVRTC (libnvrtc.so.12)',
    'CUDA runtime (libcudart.so.13)',
    'cuBLAS (libcublas.so.13)',
  ]);
  expect(missing).toEqual([
    'cuRAND (libcurand.so.10): libcurand-13-0 (pip: nvidia-curand)',
    'cuDNN (libcudnn.so.9): cudnn9-cuda-13 (pip: nvidia-cudnn-cu13)',
  ]);
});
