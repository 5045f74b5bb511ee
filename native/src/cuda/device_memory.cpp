#include "cuda/device_memory.hpp"

#include <memory>
#include <utility>

#include "core/device_memory.hpp"
#include "core/frame_store.hpp"
#include "cuda/device.hpp"
#include "cuda/gstreamer.hpp"
#include "cuda/memory.hpp"

namespace diptych::cuda {

namespace {

// As gstcudamemory.h has it: what lies on the GPU is newer than what lies on the host.
constexpr guint kNeedsDownload = GST_MEMORY_FLAG_LAST << 0;

// GStreamer's memory copies itself when it is mapped; ours counts its own copies.
void count_download(GstBuffer* buffer, const GstVideoInfo& info) {
  if (!is_memory_of_gstreamer(buffer)) return;
  const std::shared_ptr<Device> device = Device::current();
  if (device == nullptr || !GST_MEMORY_FLAG_IS_SET(gst_buffer_peek_memory(buffer, 0), kNeedsDownload)) return;
  size_t bytes = 0;
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane) {
    bytes += static_cast<size_t>(GST_VIDEO_INFO_COMP_WIDTH(&info, plane)) *
             static_cast<size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&info, plane)) *
             static_cast<size_t>(GST_VIDEO_INFO_COMP_HEIGHT(&info, plane));
  }
  device->count_to_host(Purpose::kFrame, bytes);
}

class CudaMemory : public DeviceMemory {
 public:
  bool holds(GstBuffer* buffer) const override { return is_memory_of_gstreamer(buffer) || is_own_memory(buffer); }

  bool map_to_host(GstVideoFrame* mapped, const VideoFrame& frame) override {
    count_download(frame.buffer(), frame.info());
    if (gst_video_frame_map(mapped, &frame.info(), frame.buffer(), GST_MAP_READ)) return true;
    const std::shared_ptr<Device> device = frame.in_cuda_memory() ? Device::current() : nullptr;
    if (device != nullptr) device->verify();
    return false;
  }

  GstContext* element_context() override {
    const std::shared_ptr<Device> device = Device::current();
    if (device == nullptr || device->is_lost()) return nullptr;
    const GstCuda* gstcuda = GstCuda::of(device);
    return gstcuda == nullptr ? nullptr : gstcuda->context();
  }

  void enter_thread() override {
    const std::shared_ptr<Device> device = Device::current();
    try {
      if (device != nullptr) device->enter();
    } catch (const Error&) {
      // That the GPU is lost is reported by whoever works on it next.
    }
  }

  GstMemory* wrap(uint64_t address, size_t size, std::function<void()> release) override {
    return wrap_own_memory(address, size, std::move(release));
  }
};

}  // namespace

void install_device_memory() {
  // Never destroyed: frames may be freed while the process exits.
  static auto* only = new CudaMemory();
  DeviceMemory::install(only);
}

}  // namespace diptych::cuda
