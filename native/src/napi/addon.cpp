#include <gst/gst.h>

#include <cstdlib>

#include "cuda/device_memory.hpp"
#include "gst/clock.hpp"
#include "gst/elements.hpp"
#include "gst/graph.hpp"
#include "gst/pinned_hosts.hpp"
#include "gst/socket_limit.hpp"
#include "napi/mailbox.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

// How long the end of the process waits for graphs to stop.
constexpr unsigned kExitTimeoutMs = 500;

// Once a process; each of its threads loads the addon.
void prepare_process() {
  static const bool is_prepared = [] {
    gst_init(nullptr, nullptr);
    cuda::install_device_memory();
    shared_base_time();
    register_elements();
    limit_unsent_bytes();
    install_pinned_hosts();
    // Streaming threads must find neither JavaScript nor, as far as possible, each other's
    // libraries gone while exit() takes the process apart.
    std::atexit([] {
      Mailbox::close_all();
      Graph::stop_all(kExitTimeoutMs);
    });
    return true;
  }();
  static_cast<void>(is_prepared);
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  prepare_process();
  Mailbox::open(env);
  register_graphs(env, exports);
  register_properties(env, exports);
  register_segments(env, exports);
  register_ports(env, exports);
  register_frames(env, exports);
  register_pixels(env, exports);
  register_gpu(env, exports);
  register_gpu_pixels(env, exports);
  register_models(env, exports);
  register_memory(env, exports);
  register_devices(env, exports);
  register_hosts(env, exports);
  register_fence(env, exports);
  return exports;
}

}  // namespace

}  // namespace diptych

using diptych::init;
NODE_API_MODULE(diptych, init)
