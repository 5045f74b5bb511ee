#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "calls.hpp"
#include "core/frame_store.hpp"
#include "core/picture.hpp"
#include "laplacian.hpp"
#include "napi/arguments.hpp"
#include "napi/failure.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/pixel_arguments.hpp"

namespace diptych::test {

namespace {

Napi::Value live_frames(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(FrameStore::instance().live()));
}

void unlink(const Napi::CallbackInfo& info) {
  link_from_argument(info[0], "from")->unlink(link_to_argument(info[1], "to"));
}

Napi::Value sharpness(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const Napi::Object box = object_argument(info[1], "box");
  const double x = finite_argument(box.Get("x"), "box.x");
  const double y = finite_argument(box.Get("y"), "box.y");
  const double width = finite_argument(box.Get("width"), "box.width");
  const double height = finite_argument(box.Get("height"), "box.height");
  try {
    const MappedPicture mapped(frame);
    const Plane& luma = mapped.picture().y;
    // The pixels whose centres lie in the box.
    const auto edge = [](double position, int size) {
      return static_cast<int>(std::ceil(std::min(std::max(position, 0.0), double(size)) - 0.5));
    };
    const double variance = laplacian_variance(luma, edge(x, luma.width), edge(y, luma.height),
                                               edge(x + width, luma.width), edge(y + height, luma.height));
    return Napi::Number::New(info.Env(), variance);
  } catch (const std::runtime_error&) {
    throw_current_failure(info.Env());
  }
}

}  // namespace

void register_frame_calls(Napi::Env env, Napi::Object exports) {
  exports["liveFrames"] = Napi::Function::New<live_frames>(env, "liveFrames");
  exports["unlink"] = Napi::Function::New<unlink>(env, "unlink");
  exports["sharpness"] = Napi::Function::New<sharpness>(env, "sharpness");
}

}  // namespace diptych::test
