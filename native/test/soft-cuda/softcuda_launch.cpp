#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "soft_image.hpp"
#include "soft_state.hpp"

using namespace softcuda;

namespace {

constexpr unsigned kMostThreads = 1024;

struct SoftThread {
  int x;
  int y;
  int z;
};
using SoftKernel = void (*)(const SoftThread&, const void*);

// A kernel's access to memory that is not there ends the kernel instead of the process.
thread_local sigjmp_buf way_out;
thread_local bool is_in_kernel = false;
struct sigaction before_segv;
struct sigaction before_bus;

void on_fault(int signal, siginfo_t* info, void* context) {
  if (is_in_kernel) siglongjmp(way_out, 1);
  const struct sigaction& before = signal == SIGBUS ? before_bus : before_segv;
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    sigaction(signal, &before, nullptr);
  }
}

}  // namespace

void softcuda::guard_kernels() {
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &before_segv);
  sigaction(SIGBUS, &action, &before_bus);
}

extern "C" {

Result cuModuleLoadData(void** module, const void* image) {
  if (const Result result = ready()) return result;
  SoftImageHeader header;
  memcpy(&header, image, sizeof header);
  if (memcmp(header.magic, kSoftImageMagic, sizeof header.magic) != 0) return kInvalidImage;
  const char* folder = getenv("TMPDIR");
  std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/softcuda-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return kInvalidImage;
  const char* code = static_cast<const char*>(image) + sizeof header;
  size_t written = 0;
  while (written < header.size) {
    const ssize_t count = write(file, code + written, header.size - written);
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  close(file);
  *module = written == header.size ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(path.c_str());
  return *module == nullptr ? kInvalidImage : kSuccess;
}

Result cuModuleGetFunction(void** function, void* module, const char* name) {
  if (const Result result = ready()) return result;
  *function = dlsym(module, name);
  return *function == nullptr ? kNotFound : kSuccess;
}

Result cuModuleUnload(void* module) {
  dlclose(module);
  return kSuccess;
}

Result cuLaunchKernel(void* function, unsigned blocks_x, unsigned blocks_y, unsigned blocks_z, unsigned threads_x,
                      unsigned threads_y, unsigned threads_z, unsigned, void*, void** params, void**) {
  if (const Result result = ready()) return result;
  if (function == nullptr || params == nullptr || blocks_x == 0 || blocks_y == 0 || blocks_z == 0 || threads_x == 0 ||
      threads_y == 0 || threads_z != 1 || threads_x * threads_y > kMostThreads || blocks_y > 65535 || blocks_z > 65535) {
    return kInvalidValue;
  }
  const auto kernel = reinterpret_cast<SoftKernel>(function);
  SoftContext* const context = current();
  if (sigsetjmp(way_out, 1) != 0) {
    is_in_kernel = false;
    context->broken = kIllegalAddress;
    return kSuccess;  // as the GPU, which tells it at the next call
  }
  is_in_kernel = true;
  const int width = static_cast<int>(blocks_x * threads_x);
  const int height = static_cast<int>(blocks_y * threads_y);
  for (int z = 0; z < static_cast<int>(blocks_z); ++z) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) kernel({x, y, z}, params[0]);
    }
  }
  is_in_kernel = false;
  return kSuccess;
}

}  // extern "C"
