#include "core/device_memory.hpp"

#include <atomic>
#include <stdexcept>

#include "core/frame_store.hpp"

namespace diptych {

namespace {

// A process without a GPU.
class HostOnly : public DeviceMemory {
 public:
  bool holds(GstBuffer*) const override { return false; }

  bool map_to_host(GstVideoFrame* mapped, const VideoFrame& frame) override {
    return gst_video_frame_map(mapped, &frame.info(), frame.buffer(), GST_MAP_READ) != FALSE;
  }

  GstContext* element_context() override { return nullptr; }

  void enter_thread() override {}

  GstMemory* wrap(uint64_t, size_t, std::function<void()>) override {
    throw std::runtime_error("the picture lies in the memory of a GPU, and no GPU is in use; see gpu.use");
  }
};

std::atomic<DeviceMemory*>& installed() {
  // Never destroyed: frames may be freed while the process exits.
  static auto* memory = new std::atomic<DeviceMemory*>(new HostOnly());
  return *memory;
}

}  // namespace

DeviceMemory& DeviceMemory::current() { return *installed().load(std::memory_order_acquire); }

void DeviceMemory::install(DeviceMemory* memory) { installed().store(memory, std::memory_order_release); }

}  // namespace diptych
