#include "cuda/driver.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <iterator>

#include "cuda/device.hpp"

namespace diptych::cuda {

namespace {

// Results after which a context, or the GPU, is gone for good.
constexpr Result kLosses[] = {
    4,    // deinitialized
    46,   // device unavailable
    214,  // uncorrectable ECC error
    220,  // uncorrectable NVLink error
    304,  // the operating system's call failed
    700,  // illegal address
    702,  // launch timeout
    709,  // context is destroyed
    710,  // assertion in a kernel
    714,  // hardware stack error
    715,  // illegal instruction
    716,  // misaligned address
    717,  // invalid address space
    718,  // invalid program counter
    719,  // launch failed
    999,  // unknown, as when the GPU fell off the bus
};

}  // namespace

bool loses_device(Result result) {
  return std::find(std::begin(kLosses), std::end(kLosses), result) != std::end(kLosses);
}

std::string Driver::describe(Result result) const {
  const char* name = nullptr;
  const char* text = nullptr;
  if (get_error_name(result, &name) != kSuccess || name == nullptr) return "error " + std::to_string(result);
  if (get_error_string(result, &text) != kSuccess || text == nullptr) return name;
  return std::string(name) + " (" + text + ")";
}

Driver open_driver(const std::string& path) {
  const std::string name = path.empty() ? "libcuda.so.1" : path;
  Driver driver;
  driver.library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (driver.library == nullptr) {
    throw Error(0, false, false,
                std::string("the CUDA driver could not be opened (") + dlerror() +
                    "); install the NVIDIA driver of this host (Debian: nvidia-driver with libcuda1), or let the "
                    "container see it");
  }
  const auto find = [&](const char* symbol) {
    void* function = dlsym(driver.library, symbol);
    if (function == nullptr) {
      throw Error(0, false, false,
                  "the CUDA driver " + name + " has no " + symbol + "; install a driver of CUDA 11 or newer");
    }
    return function;
  };
#define DIPTYCH_FIND(member, symbol, parameters) \
  driver.member = reinterpret_cast<decltype(driver.member)>(find(symbol));
  DIPTYCH_DRIVER_FUNCTIONS(DIPTYCH_FIND)
#undef DIPTYCH_FIND
  return driver;
}

}  // namespace diptych::cuda
