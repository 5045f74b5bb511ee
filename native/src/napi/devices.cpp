#include <memory>
#include <string>
#include <utility>

#include "gst/v4l2_device.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/napi.hpp"

// Cameras that are attached to this machine.
namespace diptych {

namespace {

Napi::Value describe(Napi::Env env, const V4l2Device& device) {
  Napi::Object result = Napi::Object::New(env);
  result["name"] = Napi::String::New(env, device.name);
  Napi::Array modes = Napi::Array::New(env);
  for (const V4l2Mode& mode : device.modes) {
    Napi::Object entry = Napi::Object::New(env);
    entry["format"] = Napi::String::New(env, mode.format);
    entry["width"] = Napi::Number::New(env, mode.width);
    entry["height"] = Napi::Number::New(env, mode.height);
    Napi::Array rate = Napi::Array::New(env);
    rate.Set(0u, mode.rate_numerator);
    rate.Set(1u, mode.rate_denominator);
    entry["rate"] = rate;
    modes.Set(modes.Length(), entry);
  }
  result["modes"] = modes;
  if (!device.problem.empty()) result["problem"] = Napi::String::New(env, device.problem);
  return result;
}

Napi::Value examine_device(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info[0], "path");
  return answer_later(info.Env(), [path]() -> Answer {
    const auto device = std::make_shared<V4l2Device>(examine_v4l2(path));
    return [device](Napi::Env env, const Deferred& deferred) { deferred.resolve(env, describe(env, *device)); };
  });
}

}  // namespace

void register_devices(Napi::Env env, Napi::Object exports) {
  exports["examineDevice"] = Napi::Function::New<examine_device>(env, "examineDevice");
}

}  // namespace diptych
