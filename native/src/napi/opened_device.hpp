#pragma once

#include <napi.h>

#include <memory>

#include "cuda/device.hpp"

namespace diptych {

// The GPU in use; throws an Error of JavaScript where none is open.
inline std::shared_ptr<cuda::Device> opened_device(Napi::Env env) {
  std::shared_ptr<cuda::Device> device = cuda::Device::current();
  if (device == nullptr) throw Napi::Error::New(env, "the GPU is not open; call openGpu first");
  return device;
}

}  // namespace diptych
