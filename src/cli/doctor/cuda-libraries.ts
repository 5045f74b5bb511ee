/** A library that the GPU path opens at run time. */
export interface CudaLibrary {
  /** Its usual name. */
  readonly name: string;
  /** File names, best first; one of them is enough. */
  readonly files: readonly string[];
  /** What to install where it is missing. */
  readonly install: string;
}

/** Of the driver, of our kernels, and of the CUDA provider of onnxruntime 1.29. */
export const CUDA_LIBRARIES: readonly CudaLibrary[] = [
  { name: 'driver', files: ['libcuda.so.1'], install: "NVIDIA's driver (Debian: libcuda1)" },
  {
    name: 'NVRTC',
    files: ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2'],
    install: 'cuda-nvrtc-13-0 (pip: nvidia-cuda-nvrtc)',
  },
  { name: 'CUDA runtime', files: ['libcudart.so.13'], install: 'cuda-cudart-13-0 (pip: nvidia-cuda-runtime)' },
  { name: 'cuBLAS', files: ['libcublas.so.13'], install: 'libcublas-13-0 (pip: nvidia-cublas)' },
  { name: 'cuRAND', files: ['libcurand.so.10'], install: 'libcurand-13-0 (pip: nvidia-curand)' },
  { name: 'cuDNN', files: ['libcudnn.so.9'], install: 'cudnn9-cuda-13 (pip: nvidia-cudnn-cu13)' },
];

/** Which of them are there, and what to install for those that are not; in the order given. */
export function describeLibraries(
  libraries: readonly CudaLibrary[],
  isThere: (file: string) => boolean,
): { readonly found: readonly string[]; readonly missing: readonly string[] } {
  const found: string[] = [];
  const missing: string[] = [];
  for (const { name, files, install } of libraries) {
    const file = files.find(isThere);
    if (file === undefined) missing.push(`${name} (${files[0] ?? ''}): ${install}`);
    else found.push(`${name} (${file})`);
  }
  return { found, missing };
}
