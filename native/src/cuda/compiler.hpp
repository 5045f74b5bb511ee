#pragma once

#include <string>
#include <vector>

// Kernels from source to what the driver loads: by NVRTC, or from the cache of an earlier run.
namespace diptych::cuda {

// What kernels are compiled for.
struct CompileTarget {
  // Compute capability, e.g. 9 and 0.
  int capability_major;
  int capability_minor;
  // As cuDriverGetVersion gives it: a newer compiler's code may not load.
  int driver_version;
};

// What came of it.
struct CompiledKernels {
  // What cuModuleLoadData takes, one a source file.
  std::vector<std::string> images;
  // "NVRTC 13.0", or "cache" where nothing had to be compiled.
  std::string from;
};

// Compiles every .cu file of `folder`, which include its .h files by name. `nvrtc` is a library to
// open instead of the usual ones. Throws Error where something is missing or a kernel is wrong.
CompiledKernels compile_kernels(const std::string& folder, const std::string& cache, const std::string& nvrtc,
                                const CompileTarget& target);

}  // namespace diptych::cuda
