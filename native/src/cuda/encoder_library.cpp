#include "cuda/encoder_library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <string>

#include "cuda/device.hpp"
#include "cuda/driver.hpp"

namespace diptych::cuda {

namespace {

// GA100 (A100, A30) and GH100 (H100, H200): chips without NVENC (NVIDIA, "Video Encode and Decode GPU Support Matrix").
bool lacks_encoder(int major, int minor) { return minor == 0 && (major == 8 || major == 9); }

// Of all GPUs that this process sees.
bool lack_encoders() {
  const char* library = getenv("DIPTYCH_LIBCUDA");
  const Driver driver = open_driver(library == nullptr ? "" : library);
  int count = 0;
  if (driver.init(0) != kSuccess || driver.device_get_count(&count) != kSuccess) return false;
  for (int i = 0; i < count; ++i) {
    DeviceOrdinal device = 0;
    int major = 0;
    int minor = 0;
    if (driver.device_get(&device, i) != kSuccess ||
        driver.device_get_attribute(&major, kCapabilityMajor, device) != kSuccess ||
        driver.device_get_attribute(&minor, kCapabilityMinor, device) != kSuccess || !lacks_encoder(major, minor)) {
      return false;
    }
  }
  return count > 0;
}

// Beside the addon.
std::string path_of_empty_library() {
  Dl_info own;
  if (dladdr(reinterpret_cast<void*>(&leave_out_missing_encoder), &own) == 0) return "";
  const std::string addon = own.dli_fname;
  return addon.substr(0, addon.rfind('/') + 1) + "libnvidia-encode.so.1";
}

}  // namespace

void leave_out_missing_encoder() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      // Never closed: the plugin may be loaded at any time.
      if (lack_encoders()) dlopen(path_of_empty_library().c_str(), RTLD_NOW | RTLD_LOCAL);
    } catch (const Error&) {
      // Without a driver there is no plugin either.
    }
  });
}

}  // namespace diptych::cuda
