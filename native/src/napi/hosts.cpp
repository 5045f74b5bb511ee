#include <string>
#include <vector>

#include "gst/pinned_hosts.hpp"
#include "napi/arguments.hpp"
#include "napi/napi.hpp"

// Where the names of hosts lead.
namespace diptych {

namespace {

Napi::Value pin(const Napi::CallbackInfo& info) {
  const std::string name = string_argument(info[0], "host");
  if (!info[1].IsArray()) throw wrong_argument(info.Env(), "addresses", "an array of strings", info[1]);
  const Napi::Array given = info[1].As<Napi::Array>();
  std::vector<std::string> addresses;
  for (uint32_t index = 0; index < given.Length(); index++) {
    addresses.push_back(string_argument(given.Get(index), "addresses"));
  }
  return Napi::Number::New(info.Env(), pin_host(name, addresses));
}

void unpin(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw wrong_argument(info.Env(), "pin", "a number of pinHost", info[0]);
  unpin_host(info[0].As<Napi::Number>().Uint32Value());
}

}  // namespace

void register_hosts(Napi::Env env, Napi::Object exports) {
  exports["pinHost"] = Napi::Function::New<pin>(env, "pinHost");
  exports["unpinHost"] = Napi::Function::New<unpin>(env, "unpinHost");
}

}  // namespace diptych
