#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "compose_client.hpp"
#include "diptych/arguments.hpp"
#include "diptych/compose_threads.hpp"
#include "diptych/napi.hpp"
#include "diptych/sharpness.hpp"
#include "diptych/tensor.hpp"
#include "jpeg_job.hpp"
#include "pixel_arguments.hpp"

namespace diptych {

namespace {

constexpr int kLargestOutput = 8192;
constexpr int kOpaque = 256;

ComposeJob compose_job(const Napi::CallbackInfo& info) {
  ComposeJob job{};
  const Napi::Object output = object_argument(info[0], "output");
  job.width = even_argument(output.Get("width"), "output.width", 2, kLargestOutput);
  job.height = even_argument(output.Get("height"), "output.height", 2, kLargestOutput);
  if (!info[1].IsArray()) throw wrong_argument(info.Env(), "regions", "an array of regions", info[1]);
  const Napi::Array regions = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < regions.Length(); ++i) {
    const std::string name = "regions[" + std::to_string(i) + "]";
    const Napi::Object region = object_argument(regions.Get(i), name);
    job.regions.push_back({
        frame_argument(region.Get("frame"), name + ".frame"),
        crop_argument(region.Get("crop"), name + ".crop"),
        rectangle_argument(region.Get("dest"), name + ".dest"),
        static_cast<int>(std::lround(ranged_argument(region.Get("alpha"), name + ".alpha", 0, 1) * kOpaque)),
    });
  }
  return job;
}

float* tensor_data(Napi::Value value, const TensorSpec& spec) {
  return tensor_argument(value, "tensor", size_t{3} * spec.width * spec.height);
}

// What goes wrong below napi/ is no fault of the arguments: a plain Error.
template <typename Work>
auto guarded(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const std::runtime_error& failure) {
    throw Napi::Error::New(env, failure.what());
  }
}

Napi::Value letterbox_picture(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const TensorSpec spec = tensor_spec_argument(info[1]);
  const Napi::Value wanted = info[1].As<Napi::Object>().Get("crop");
  const std::optional<Crop> crop =
      wanted.IsUndefined() ? std::nullopt : std::optional(crop_argument(wanted, "options.crop"));
  float* tensor = tensor_data(info[2], spec);
  const TensorMapping mapping = guarded(info.Env(), [&] {
    return letterbox(MappedPicture(frame).picture(), crop, spec, tensor);
  });
  Napi::Object offset = Napi::Object::New(info.Env());
  offset.Set("x", mapping.offset_x);
  offset.Set("y", mapping.offset_y);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("ratio", mapping.ratio);
  result.Set("offset", offset);
  return result;
}

void warp_picture(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  if (!info[1].IsArray() || info[1].As<Napi::Array>().Length() != 6) {
    throw wrong_argument(info.Env(), "matrix", "an array of 6", info[1]);
  }
  double entries[6];
  for (uint32_t i = 0; i < 6; ++i) {
    entries[i] = ranged_argument(info[1].As<Napi::Array>().Get(i), "matrix[" + std::to_string(i) + "]",
                                 -kLargestMatrixEntry, kLargestMatrixEntry);
  }
  const AffineMatrix matrix = affine_matrix(entries);
  const TensorSpec spec = tensor_spec_argument(info[2]);
  float* tensor = tensor_data(info[3], spec);
  guarded(info.Env(), [&] { warp_affine(MappedPicture(frame).picture(), matrix, spec, tensor); });
}

Napi::Value sharpness(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const Napi::Object box = object_argument(info[1], "box");
  const double x = finite_argument(box.Get("x"), "box.x");
  const double y = finite_argument(box.Get("y"), "box.y");
  const double width = finite_argument(box.Get("width"), "box.width");
  const double height = finite_argument(box.Get("height"), "box.height");
  return guarded(info.Env(), [&] {
    const MappedPicture mapped(frame);
    const Plane& luma = mapped.picture().y;
    // The pixels whose centres lie in the box.
    const auto edge = [](double position, int size) {
      return static_cast<int>(std::ceil(std::min(std::max(position, 0.0), double(size)) - 0.5));
    };
    const double variance = laplacian_variance(luma, edge(x, luma.width), edge(y, luma.height),
                                               edge(x + width, luma.width), edge(y + height, luma.height));
    return Napi::Number::New(info.Env(), variance);
  });
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
                               return client->submit(info.Env(), compose_job(info));
                             },
                             "compose"));
  exports.Set("letterbox", Napi::Function::New(env, letterbox_picture, "letterbox"));
  exports.Set("warpAffine", Napi::Function::New(env, warp_picture, "warpAffine"));
  exports.Set("sharpness", Napi::Function::New(env, sharpness, "sharpness"));
  exports.Set("encodeJpeg", Napi::Function::New(env, encode_picture, "encodeJpeg"));
}

}  // namespace diptych
