#include "gst/fence.hpp"

#include <stdexcept>
#include <string>

#include "napi/arguments.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/napi.hpp"

// Until when this process may publish and record.
namespace diptych {

namespace {

void open(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info[0], "path");
  try {
    open_fence(path);
  } catch (const std::runtime_error& failure) {
    throw Napi::Error::New(info.Env(), failure.what());
  }
}

Napi::Value is_past(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), is_fence_past()); }

void fence_element(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  const std::string pad = string_argument(info[2], "pad");
  const std::string output = string_argument(info[3], "output");
  if (output != "connection" && output != "file") {
    throw wrong_argument(info.Env(), "output", "connection or file", info[3]);
  }
  try {
    fence_output(element.get(), pad, output == "file" ? FencedOutput::file : FencedOutput::connection);
  } catch (const std::runtime_error& failure) {
    throw Napi::Error::New(info.Env(), failure.what());
  }
}

}  // namespace

void register_fence(Napi::Env env, Napi::Object exports) {
  exports["openFence"] = Napi::Function::New<open>(env, "openFence");
  exports["isFencePast"] = Napi::Function::New<is_past>(env, "isFencePast");
  exports["fenceOutput"] = Napi::Function::New<fence_element>(env, "fenceOutput");
}

}  // namespace diptych
