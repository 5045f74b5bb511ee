#include <gst/gst.h>

#include "cuda/device_memory.hpp"
#include "napi/napi.hpp"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  gst_init(nullptr, nullptr);
  diptych::cuda::install_device_memory();
  diptych::register_graphs(env, exports);
  diptych::register_frames(env, exports);
  diptych::register_pixels(env, exports);
  diptych::register_gpu(env, exports);
  diptych::register_gpu_pixels(env, exports);
  diptych::register_models(env, exports);
  return exports;
}

NODE_API_MODULE(diptych, init)
