#include <cstdlib>

#include "core/device_memory.hpp"
#include "cuda/device.hpp"
#include "cuda/upload.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/failure.hpp"
#include "napi/napi.hpp"
#include "napi/opened_device.hpp"

namespace diptych {

namespace {

constexpr const char* kCannotOpen = "DIPTYCH_E_GPU";
constexpr uint32_t kMostDevices = 63;

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Napi::Value describe_device(Napi::Env env, const cuda::DeviceInfo& info, bool is_shared) {
  Napi::Object description = Napi::Object::New(env);
  description["name"] = Napi::String::New(env, info.name);
  description["capability"] = Napi::String::New(
      env, std::to_string(info.capability_major) + "." + std::to_string(info.capability_minor));
  description["driver"] = Napi::String::New(env, version_text(info.driver_version));
  description["totalBytes"] = Napi::Number::New(env, static_cast<double>(info.total_bytes));
  description["kernelsFrom"] = Napi::String::New(env, info.kernels_from);
  description["gstreamer"] = Napi::String::New(env, is_shared ? "shared" : "own");
  return description;
}

Napi::Value open_gpu(const Napi::CallbackInfo& info) {
  const Napi::Object given = object_argument(info[0], "options");
  cuda::DeviceOptions options;
  options.ordinal = static_cast<int>(whole_argument(given.Get("device"), "options.device", 0, kMostDevices));
  options.kernels = string_argument(given.Get("kernels"), "options.kernels");
  options.cache = string_argument(given.Get("cache"), "options.cache");
  options.libcuda = optional_string(given, "libcuda");
  options.libnvrtc = optional_string(given, "libnvrtc");
  return answer_later(info.Env(), [options]() -> Answer {
    try {
      const std::shared_ptr<cuda::Device> device = cuda::Device::open(options);
      const bool is_shared = DeviceMemory::current().element_context() != nullptr;
      return [device, is_shared](Napi::Env env, const Deferred& deferred) {
        deferred.resolve(env, describe_device(env, device->info(), is_shared));
      };
    } catch (const std::exception& exception) {
      throw CodedError(exception.what(), kCannotOpen);
    }
  });
}

Napi::Value gpu_lost_reason(const Napi::CallbackInfo& info) {
  const std::shared_ptr<cuda::Device> device = cuda::Device::current();
  const std::string reason = device == nullptr ? std::string() : device->lost_reason();
  if (reason.empty()) return info.Env().Undefined();
  return Napi::String::New(info.Env(), reason);
}

Napi::Object describe_bytes(Napi::Env env, const uint64_t (&bytes)[3]) {
  const auto number = [&](cuda::Purpose purpose) {
    return Napi::Number::New(env, static_cast<double>(bytes[static_cast<size_t>(purpose)]));
  };
  Napi::Object description = Napi::Object::New(env);
  description["frame"] = number(cuda::Purpose::kFrame);
  description["result"] = number(cuda::Purpose::kResult);
  description["setup"] = number(cuda::Purpose::kSetup);
  return description;
}

Napi::Value gpu_traffic(const Napi::CallbackInfo& info) {
  const cuda::Traffic traffic = opened_device(info.Env())->traffic();
  Napi::Object description = Napi::Object::New(info.Env());
  description["toDevice"] = describe_bytes(info.Env(), traffic.to_device);
  description["toHost"] = describe_bytes(info.Env(), traffic.to_host);
  return description;
}

Napi::Value gpu_memory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<cuda::Device> device = opened_device(env);
  try {
    Napi::Object description = Napi::Object::New(env);
    description["freeBytes"] = Napi::Number::New(env, static_cast<double>(device->free_bytes()));
    description["totalBytes"] = Napi::Number::New(env, static_cast<double>(device->info().total_bytes));
    description["ownBytes"] = Napi::Number::New(env, static_cast<double>(device->own_bytes()));
    return description;
  } catch (const cuda::Error&) {
    throw_current_failure(env);
  }
}

Napi::Value upload_frame(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  cuda::Purpose purpose = cuda::Purpose::kSetup;
  if (!info[1].IsUndefined()) {
    const std::string given = string_argument(info[1], "purpose");
    if (given == "frame") {
      purpose = cuda::Purpose::kFrame;
    } else if (given != "setup") {
      throw Napi::TypeError::New(info.Env(), "purpose: expected frame or setup, got " + given);
    }
  }
  const std::shared_ptr<cuda::Device> device = opened_device(info.Env());
  return answer_later(info.Env(), [frame, purpose, device]() -> Answer {
    const FramePtr uploaded = cuda::upload(device, frame, purpose);
    return [uploaded](Napi::Env env, const Deferred& deferred) { deferred.resolve(env, uploaded); };
  });
}

}  // namespace

void register_gpu(Napi::Env env, Napi::Object exports) {
  // GPUs are counted as nvidia-smi does, unless somebody chose otherwise; libcuda reads this when
  // it starts, and other threads must not be reading the environment then.
  setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 0);
  // cuBLAS takes 32 MiB a handle on Hopper otherwise, and each session of onnxruntime has one; its
  // documentation gives this size for results that do not vary.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:2:16:8", 0);
  exports["openGpu"] = Napi::Function::New<open_gpu>(env, "openGpu");
  exports["gpuLostReason"] = Napi::Function::New<gpu_lost_reason>(env, "gpuLostReason");
  exports["gpuTraffic"] = Napi::Function::New<gpu_traffic>(env, "gpuTraffic");
  exports["gpuMemory"] = Napi::Function::New<gpu_memory>(env, "gpuMemory");
  exports["uploadFrame"] = Napi::Function::New<upload_frame>(env, "uploadFrame");
}

}  // namespace diptych
