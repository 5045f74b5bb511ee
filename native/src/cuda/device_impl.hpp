#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cuda/device.hpp"
#include "cuda/driver.hpp"

namespace diptych::cuda {

// Values of Purpose.
constexpr size_t kPurposes = 3;

// The state of the device. `mutex` guards `functions` and `lost_reason`; it is held for no call of the driver
// but module_get_function, and no other lock is taken under it.
struct Device::Impl {
  Driver driver;
  DeviceInfo info;
  DeviceOrdinal ordinal = 0;
  Context context = nullptr;
  std::vector<ModuleHandle> modules;

  mutable std::mutex mutex;
  std::map<std::string, FunctionHandle> functions;
  std::string lost_reason;

  std::atomic<uint64_t> to_device[kPurposes]{};
  std::atomic<uint64_t> to_host[kPurposes]{};
  std::atomic<size_t> own_bytes{0};

  // Throws Error where the driver did not do what `wish` says ("copy a picture to the host").
  void check(Result result, const char* wish);
  // As Device::enter.
  void enter();
};

}  // namespace diptych::cuda
