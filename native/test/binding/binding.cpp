// What only tests and benchmarks call. Linked to diptych.node, so that both are one program: they
// share its frames, graphs, GPU and models. Built by the set-up for tests only; nothing of it ships.
#include "calls.hpp"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  diptych::test::register_frame_calls(env, exports);
  diptych::test::register_gpu_calls(env, exports);
  diptych::test::register_sink_calls(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(diptych_test, init)
