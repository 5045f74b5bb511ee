#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/compose_threads.hpp"
#include "core/tensor.hpp"
#include "napi/arguments.hpp"
#include "napi/compose_client.hpp"
#include "napi/failure.hpp"
#include "napi/jpeg_job.hpp"
#include "napi/napi.hpp"
#include "napi/pixel_arguments.hpp"

namespace diptych {

namespace {

// The arguments are checked before, so a failure below napi/ becomes a plain Error, not a TypeError.
template <typename Work>
auto guarded(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const std::runtime_error&) {
    throw_current_failure(env);
  }
}

Napi::Value letterbox_picture(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const TensorSpec spec = tensor_spec_argument(info[1]);
  const std::optional<Crop> crop = optional_crop_argument(info[1]);
  float* tensor = tensor_argument(info[2], "tensor", spec);
  const TensorMapping mapping = guarded(info.Env(), [&] {
    return letterbox(MappedPicture(frame).picture(), crop, spec, tensor);
  });
  return describe_mapping(info.Env(), mapping);
}

void warp_picture(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const AffineMatrix matrix = matrix_argument(info[1], "matrix");
  const TensorSpec spec = tensor_spec_argument(info[2]);
  float* tensor = tensor_argument(info[3], "tensor", spec);
  guarded(info.Env(), [&] { warp_affine(MappedPicture(frame).picture(), matrix, spec, tensor); });
}

Napi::Value encode_picture(const Napi::CallbackInfo& info) {
  FramePtr frame = frame_argument(info[0], "handle");
  const int quality = static_cast<int>(whole_argument(info[1], "quality", 1, 100));
  return JpegJob::start(info.Env(), std::move(frame), quality);
}

}  // namespace

void register_pixels(Napi::Env env, Napi::Object exports) {
  const auto client = ComposeClient::create(env);
  exports.Set("compose", Napi::Function::New(
                             env,
                             [client](const Napi::CallbackInfo& info) -> Napi::Value {
                               return client->submit(info.Env(), compose_job_argument(info[0], info[1]), [](ComposeJob job) {
                                 ComposeThreads::instance().submit(std::move(job));
                               });
                             },
                             "compose"));
  exports.Set("letterbox", Napi::Function::New(env, letterbox_picture, "letterbox"));
  exports.Set("warpAffine", Napi::Function::New(env, warp_picture, "warpAffine"));
  exports.Set("encodeJpeg", Napi::Function::New(env, encode_picture, "encodeJpeg"));
}

}  // namespace diptych
