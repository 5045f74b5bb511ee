#include "cuda/mapped_picture.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "cuda/device.hpp"
#include "cuda/gstreamer.hpp"
#include "cuda/memory.hpp"
#include "cuda/picture_layout.hpp"

namespace diptych::cuda {

namespace {

// Copies of what lies in another context, one at a time; their memory is used again.
class Copier {
 public:
  static Copier& of(const std::shared_ptr<Device>& device) {
    // Never destroyed, as the device.
    static Copier* only = new Copier(device);
    return *only;
  }

  Buffer copy(void* context, Address from, size_t size) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto kept =
        std::find_if(free_.begin(), free_.end(), [size](const Buffer& buffer) { return buffer.size() == size; });
    Buffer buffer;
    if (kept != free_.end()) {
      buffer = std::move(*kept);
      free_.erase(kept);
    } else {
      buffer = Buffer(device_, size);
    }
    stream_.copy_from_context(buffer.address(), context, from, size);
    stream_.wait();
    return buffer;
  }

  void give_back(Buffer buffer) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (free_.size() < kMostFree) free_.push_back(std::move(buffer));
  }

 private:
  static constexpr size_t kMostFree = 16;

  explicit Copier(const std::shared_ptr<Device>& device) : device_(device), stream_(device) {}

  std::shared_ptr<Device> device_;
  std::mutex mutex_;
  Stream stream_;
  std::list<Buffer> free_;
};

}  // namespace

struct MappedDevicePicture::Mapping {
  explicit Mapping(GstBuffer* mapped) : buffer(mapped) {}
  ~Mapping() {
    if (copy) Copier::of(Device::current()).give_back(std::move(copy));
    if (is_mapped) gst_buffer_unmap(buffer, &map);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  GstBuffer* const buffer;
  GstMapInfo map{};
  bool is_mapped = false;
  // Where the pixels had to be copied from another context.
  Buffer copy;
};

MappedDevicePicture::MappedDevicePicture(FramePtr frame)
    : frame_(std::move(frame)), mapping_(new Mapping(frame_->buffer())) {
  const std::shared_ptr<Device> device = Device::current();
  if (!frame_->in_cuda_memory() || device == nullptr) {
    throw std::runtime_error("frame: expected one in the memory of the GPU");
  }
  GstVideoInfo info = frame_->info();
  if (!is_picture_format(GST_VIDEO_INFO_FORMAT(&info))) {
    throw std::runtime_error(std::string("frame: expected I420, NV12 or P010_10LE, got ") +
                             gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)));
  }
  GstBuffer* const buffer = mapping_->buffer;
  const GstCuda* gstcuda = GstCuda::of(device);
  if (gstcuda != nullptr && is_memory_of_gstreamer(buffer)) gstcuda->sync(gst_buffer_peek_memory(buffer, 0));
  mapping_->is_mapped = gst_buffer_n_memory(buffer) == 1 &&
                        gst_buffer_map(buffer, &mapping_->map, static_cast<GstMapFlags>(GST_MAP_READ | kMapOnGpu));
  if (!mapping_->is_mapped) {
    device->verify();
    throw std::runtime_error("frame: its memory on the GPU could not be mapped");
  }
  read_layout(buffer, &info);
  Address address = reinterpret_cast<Address>(mapping_->map.data);
  void* const context = device->context_of(address);
  if (context != nullptr && context != device->native_context()) {
    mapping_->copy = Copier::of(device).copy(context, address, mapping_->map.size);
    address = mapping_->copy.address();
  }
  picture_ = picture_at(info, address);
}

MappedDevicePicture::~MappedDevicePicture() = default;

}  // namespace diptych::cuda
