#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cuda/compose_thread.hpp"
#include "cuda/device.hpp"
#include "cuda/tensor.hpp"
#include "napi/arguments.hpp"
#include "napi/compose_client.hpp"
#include "napi/napi.hpp"
#include "napi/opened_device.hpp"
#include "napi/pixel_arguments.hpp"
#include "napi/tensor_job.hpp"

namespace diptych {

namespace {

// A tensor that `make` has the card make of the frame, brought down.
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

Napi::Value compose_on_gpu(ComposeClient& client, const Napi::CallbackInfo& info) {
  ComposeJob job = compose_job_argument(info[0], info[1]);
  const bool to_host = choice_argument(info[2], "memory", "system", "cuda");
  opened_device(info.Env());
  return client.submit(info.Env(), std::move(job), [to_host](ComposeJob begun) {
    cuda::ComposeThread::instance().submit(std::move(begun), to_host);
  });
}

}  // namespace

void register_gpu_pixels(Napi::Env env, Napi::Object exports) {
  const auto client = ComposeClient::create(env);
  exports.Set("composeOnGpu", Napi::Function::New(
                                  env,
                                  [client](const Napi::CallbackInfo& info) { return compose_on_gpu(*client, info); },
                                  "composeOnGpu"));
  exports.Set("letterboxOnGpu", Napi::Function::New(env, letterbox_on_gpu, "letterboxOnGpu"));
  exports.Set("warpAffineOnGpu", Napi::Function::New(env, warp_on_gpu, "warpAffineOnGpu"));
}

}  // namespace diptych
