#include "gst/segments.hpp"
#include "napi/arguments.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

// More than any list of chapters needs.
constexpr uint32_t kMostRoom = 1 << 20;

void name_files(const Napi::CallbackInfo& info) {
  const ElementPtr sink = child_argument(info[0], info[1]);
  const std::string folder = string_argument(info[2], "folder");
  if (!name_segments(sink.get(), folder, whole_argument(info[3], "roomBytes", 0, kMostRoom))) {
    throw wrong_argument(info.Env(), "element", "the name of a splitmuxsink", info[1]);
  }
}

void start_both(const Napi::CallbackInfo& info) {
  const ElementPtr leader = child_argument(info[0], info[1]);
  const ElementPtr follower = child_argument(info[0], info[2]);
  if (!start_together(leader.get(), follower.get())) {
    throw wrong_argument(info.Env(), "follower", "the names of two elements with a pad src", info[2]);
  }
}

}  // namespace

void register_segments(Napi::Env env, Napi::Object exports) {
  exports["nameSegments"] = Napi::Function::New<name_files>(env, "nameSegments");
  exports["startTogether"] = Napi::Function::New<start_both>(env, "startTogether");
}

}  // namespace diptych
