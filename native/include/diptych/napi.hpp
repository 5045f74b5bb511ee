#pragma once

#include <napi.h>

namespace diptych {

// Each adds its functions of src/native/types.ts to `exports`; called once per environment.
void register_graphs(Napi::Env env, Napi::Object exports);
void register_frames(Napi::Env env, Napi::Object exports);
void register_pixels(Napi::Env env, Napi::Object exports);

}  // namespace diptych
