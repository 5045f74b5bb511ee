#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "calls.hpp"
#include "core/picture.hpp"
#include "cuda/compose.hpp"
#include "cuda/device.hpp"
#include "cuda/mapped_picture.hpp"
#include "cuda/tensor.hpp"
#include "napi/arguments.hpp"
#include "napi/failure.hpp"
#include "napi/open_models.hpp"
#include "napi/opened_device.hpp"
#include "napi/pixel_arguments.hpp"
#include "ort/model.hpp"
#include "tensor_job.hpp"

namespace diptych::test {

namespace {

// In the first page, which is never given out; aligned, so that nothing else is wrong with it.
constexpr uint64_t kNobodysAddress = 0x10;

Plane plane_of_nobody(int size) { return {reinterpret_cast<const uint8_t*>(kNobodysAddress), 2, 1, size, size}; }

// Breaks the context by an illegal access, as a failing GPU would: a picture is painted where nobody
// has memory.
void inject_fault(const Napi::CallbackInfo& info) {
  const std::shared_ptr<cuda::Device> device = opened_device(info.Env());
  try {
    cuda::Stream stream(device);
    Picture nowhere;
    nowhere.width = 2;
    nowhere.height = 2;
    nowhere.y = plane_of_nobody(2);
    nowhere.u = plane_of_nobody(1);
    nowhere.v = plane_of_nobody(1);
    cuda::DevicePainter(*device).paint(stream, {}, nowhere);
    stream.wait();
  } catch (const cuda::Error& error) {
    // This is what was asked for.
    if (!error.is_lost) throw_current_failure(info.Env());
  }
}

// A tensor that `make` has the GPU make of the frame, brought down.
template <typename Make>
TensorJob::Work tensor_work(const std::shared_ptr<cuda::Device>& device, const FramePtr& frame, Make make) {
  return [device, frame, make](std::vector<float>& tensor) {
    const size_t size = tensor.size() * sizeof(float);
    const cuda::Buffer made(device, size);
    cuda::Stream stream(device);
    const cuda::MappedDevicePicture mapped(frame);
    const std::optional<TensorMapping> mapping =
        make(cuda::TensorKernels(*device), stream, mapped.picture(), made.address());
    stream.copy_to_host(tensor.data(), size, made.address(), size, size, 1, cuda::Purpose::kResult);
    stream.wait();
    return mapping;
  };
}

Napi::Value letterbox_on_gpu(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const TensorSpec spec = tensor_spec_argument(info[1]);
  const std::optional<Crop> crop = optional_crop_argument(info[1]);
  tensor_argument(info[2], "tensor", spec);
  const auto make = [spec, crop](const cuda::TensorKernels& kernels, cuda::Stream& stream, const Picture& picture,
                                 cuda::Address tensor) {
    return std::optional(kernels.letterbox(stream, picture, crop, spec, tensor));
  };
  return TensorJob::start(info[2].As<Napi::Float32Array>(), tensor_work(opened_device(info.Env()), frame, make));
}

Napi::Value warp_on_gpu(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const AffineMatrix matrix = matrix_argument(info[1], "matrix");
  const TensorSpec spec = tensor_spec_argument(info[2]);
  tensor_argument(info[3], "tensor", spec);
  const auto make = [spec, matrix](const cuda::TensorKernels& kernels, cuda::Stream& stream, const Picture& picture,
                                   cuda::Address tensor) {
    kernels.warp_affine(stream, picture, {matrix}, spec, tensor);
    return std::optional<TensorMapping>();
  };
  return TensorJob::start(info[3].As<Napi::Float32Array>(), tensor_work(opened_device(info.Env()), frame, make));
}

Napi::Value describe_spread(Napi::Env env, const ort::Spread& spread) {
  Napi::Object description = Napi::Object::New(env);
  description.Set("p50", spread.p50);
  description.Set("p95", spread.p95);
  return description;
}

Napi::Value model_stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto model = OpenModels::instance().find(whole_argument(info[0], "id", 0, UINT32_MAX));
  if (model == nullptr) throw wrong_argument(env, "id", "the id of an open model", info[0]);
  const ort::RunSummary summary = model->summary();
  Napi::Object description = Napi::Object::New(env);
  description.Set("runs", static_cast<double>(summary.runs));
  description.Set("frames", static_cast<double>(summary.frames));
  description.Set("waitMs", describe_spread(env, summary.wait));
  description.Set("deviceMs", describe_spread(env, summary.device));
  description.Set("totalMs", describe_spread(env, summary.total));
  return description;
}

}  // namespace

void register_gpu_calls(Napi::Env env, Napi::Object exports) {
  exports["injectFault"] = Napi::Function::New<inject_fault>(env, "injectFault");
  exports["letterboxOnGpu"] = Napi::Function::New<letterbox_on_gpu>(env, "letterboxOnGpu");
  exports["warpAffineOnGpu"] = Napi::Function::New<warp_on_gpu>(env, "warpAffineOnGpu");
  exports["gpuModelStats"] = Napi::Function::New<model_stats>(env, "gpuModelStats");
}

}  // namespace diptych::test
