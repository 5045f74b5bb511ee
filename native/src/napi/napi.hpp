#pragma once

#include <napi.h>

#include "core/frame_store.hpp"

namespace diptych {

// Each adds its functions of src/stream/native/types.ts to `exports`; called once per environment.
void register_graphs(Napi::Env env, Napi::Object exports);
void register_properties(Napi::Env env, Napi::Object exports);
void register_segments(Napi::Env env, Napi::Object exports);
void register_ports(Napi::Env env, Napi::Object exports);
void register_frames(Napi::Env env, Napi::Object exports);
void register_pixels(Napi::Env env, Napi::Object exports);
void register_gpu(Napi::Env env, Napi::Object exports);
void register_gpu_pixels(Napi::Env env, Napi::Object exports);
void register_models(Napi::Env env, Napi::Object exports);
void register_memory(Napi::Env env, Napi::Object exports);
void register_devices(Napi::Env env, Napi::Object exports);
void register_hosts(Napi::Env env, Napi::Object exports);
void register_fence(Napi::Env env, Napi::Object exports);

// What JavaScript sees of a frame: NativeFrame of types.ts.
Napi::Object describe_frame(Napi::Env env, uint32_t handle, const VideoFrame& frame);

}  // namespace diptych
