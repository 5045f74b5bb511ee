#pragma once

#include <napi.h>

namespace diptych::test {

// Each adds its functions of TestCalls (test/integration/native/test-addon.ts) to `exports`; called
// once per environment.
void register_frame_calls(Napi::Env env, Napi::Object exports);
void register_gpu_calls(Napi::Env env, Napi::Object exports);
void register_sink_calls(Napi::Env env, Napi::Object exports);

}  // namespace diptych::test
