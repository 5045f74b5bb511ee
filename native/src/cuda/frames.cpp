#include <gst/video/video.h>

#include <algorithm>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/device_memory.hpp"
#include "cuda/device.hpp"
#include "cuda/driver.hpp"
#include "cuda/gstreamer.hpp"
#include "cuda/memory.hpp"

namespace diptych::cuda {

namespace {

// Rows begin at multiples of it, so that a warp reads whole sectors; 1920, 1280 and 3840 have no
// padding.
constexpr int kRowAlignment = 128;
// A process may have 64 streams.
constexpr guint kMostBuffers = 512;
// Outputs, tiles' sources and what is uploaded; the size used last stays.
constexpr size_t kMostPools = 16;

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

// Rows aligned, planes one behind the other.
void align_rows(GstVideoInfo* info) {
  gsize offset = 0;
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(info); ++plane) {
    const gint rows = GST_VIDEO_INFO_COMP_HEIGHT(info, plane);
    info->stride[plane] = round_up(info->stride[plane], kRowAlignment);
    info->offset[plane] = offset;
    offset += static_cast<gsize>(info->stride[plane]) * static_cast<gsize>(rows);
  }
  info->size = offset;
}

// Where the planes of a buffer lie: its own meta, else its caps' layout.
void read_layout(GstBuffer* buffer, GstVideoInfo* info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (meta == nullptr) return;
  for (guint plane = 0; plane < meta->n_planes; ++plane) {
    info->stride[plane] = meta->stride[plane];
    info->offset[plane] = meta->offset[plane];
  }
}

Plane component(const GstVideoInfo& info, Address base, guint index) {
  Plane plane;
  const guint of = GST_VIDEO_INFO_COMP_PLANE(&info, index);
  plane.data = reinterpret_cast<const uint8_t*>(base + GST_VIDEO_INFO_PLANE_OFFSET(&info, of)) +
               first_byte(*info.finfo, static_cast<int>(index));
  plane.stride = GST_VIDEO_INFO_PLANE_STRIDE(&info, of);
  plane.step = GST_VIDEO_INFO_COMP_PSTRIDE(&info, index);
  plane.width = GST_VIDEO_INFO_COMP_WIDTH(&info, index);
  plane.height = GST_VIDEO_INFO_COMP_HEIGHT(&info, index);
  return plane;
}

Picture picture_at(const GstVideoInfo& info, Address base) {
  Picture picture;
  picture.width = GST_VIDEO_INFO_WIDTH(&info);
  picture.height = GST_VIDEO_INFO_HEIGHT(&info);
  picture.y = component(info, base, GST_VIDEO_COMP_Y);
  picture.u = component(info, base, GST_VIDEO_COMP_U);
  picture.v = component(info, base, GST_VIDEO_COMP_V);
  picture.colorimetry = info.colorimetry;
  return picture;
}

bool is_picture_format(GstVideoFormat format) {
  return format == GST_VIDEO_FORMAT_I420 || format == GST_VIDEO_FORMAT_NV12 || format == GST_VIDEO_FORMAT_P010_10LE;
}

class Pools {
 public:
  static Pools& instance() {
    // Never destroyed: buffers come back while the process exits.
    static Pools* only = new Pools();
    return *only;
  }

  // A writable buffer of this format and size; its layout goes to `info`. Of GStreamer's memory where
  // `gstcuda` is given, else of ours.
  GstBuffer* acquire(const std::shared_ptr<Device>& device, const GstCuda* gstcuda, GstVideoFormat format, int width,
                     int height, GstVideoInfo* info) {
    GstBufferPool* pool = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      pool = GST_BUFFER_POOL(gst_object_ref(find(device, gstcuda, format, width, height, info).pool));
    }
    GstBufferPoolAcquireParams params{};
    params.flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT;
    GstBuffer* buffer = nullptr;
    const GstFlowReturn flow = gst_buffer_pool_acquire_buffer(pool, &buffer, &params);
    gst_object_unref(pool);
    if (flow == GST_FLOW_OK) {
      if (gst_buffer_get_video_meta(buffer) == nullptr) {
        gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, format, static_cast<guint>(width),
                                       static_cast<guint>(height), GST_VIDEO_INFO_N_PLANES(info), info->offset,
                                       info->stride);
      }
      read_layout(buffer, info);
      return buffer;
    }
    const std::string size = std::to_string(width) + "×" + std::to_string(height);
    if (flow == GST_FLOW_EOS) {
      throw std::runtime_error("all " + std::to_string(kMostBuffers) + " pictures of " + size +
                               " on the GPU are still in use; release frames that are done with");
    }
    rethrow_allocation_failure();
    // GStreamer's own memory tells no reason.
    device->verify();
    throw Error(kOutOfMemory, false, true,
                "the GPU has no memory for another picture of " + size + "; run fewer streams on this card");
  }

 private:
  struct Entry {
    const GstCuda* gstcuda;
    GstVideoInfo info;
    GstBufferPool* pool;
  };

  Entry& find(const std::shared_ptr<Device>& device, const GstCuda* gstcuda, GstVideoFormat format, int width,
              int height, GstVideoInfo* info) {
    auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& candidate) {
      return candidate.gstcuda == gstcuda && GST_VIDEO_INFO_FORMAT(&candidate.info) == format && candidate.info.width == width &&
             candidate.info.height == height;
    });
    if (entry == entries_.end()) entry = open(device, gstcuda, format, width, height);
    entries_.splice(entries_.begin(), entries_, entry);
    *info = entry->info;
    return *entry;
  }

  std::list<Entry>::iterator open(const std::shared_ptr<Device>& device, const GstCuda* gstcuda, GstVideoFormat format,
                                  int width, int height) {
    GstVideoInfo info;
    gst_video_info_set_format(&info, format, static_cast<guint>(width), static_cast<guint>(height));
    gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
    info.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
    GstBufferPool* pool = gstcuda == nullptr ? gst_buffer_pool_new() : gstcuda->make_pool();
    GstCaps* caps = gst_video_info_to_caps(&info);
    if (gstcuda != nullptr) {
      gst_caps_set_features_simple(caps, gst_caps_features_new("memory:CUDAMemory", nullptr));
    } else {
      align_rows(&info);
    }
    GstStructure* config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(info.size), 0, kMostBuffers);
    gst_caps_unref(caps);
    if (gstcuda != nullptr) {
      gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    } else {
      gst_buffer_pool_config_set_allocator(config, own_allocator(device), nullptr);
    }
    if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE)) {
      gst_object_unref(pool);
      device->verify();
      throw Error(kOutOfMemory, false, true,
                  "a pool of " + std::to_string(width) + "×" + std::to_string(height) +
                      " pictures could not be made on the GPU; run fewer streams on this card");
    }
    if (entries_.size() == kMostPools) {
      // Buffers still in use are freed, not kept, when they come back.
      gst_buffer_pool_set_active(entries_.back().pool, FALSE);
      gst_object_unref(entries_.back().pool);
      entries_.pop_back();
    }
    entries_.push_front({gstcuda, info, pool});
    return entries_.begin();
  }

  std::mutex mutex_;
  // The one used last comes first.
  std::list<Entry> entries_;
};

// Device address of a buffer of ours. It stays valid while the memory lives, mapped or not; mapping
// for writing tells the memory that what the host may have seen of it is old.
Address writable_address(GstBuffer* buffer) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, static_cast<GstMapFlags>(GST_MAP_WRITE | kMapOnCard))) return 0;
  const Address address = reinterpret_cast<Address>(map.data);
  gst_buffer_unmap(buffer, &map);
  return address;
}

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

// The stream of uploads, one at a time.
struct Uploads {
  std::mutex mutex;
  Stream stream;
  static Uploads& of(const std::shared_ptr<Device>& device) {
    static Uploads* only = new Uploads{{}, Stream(device)};
    return *only;
  }
};

struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};

DevicePicture acquire(const std::shared_ptr<Device>& device, const GstCuda* gstcuda, GstVideoFormat format, int width,
                      int height) {
  DevicePicture made{};
  made.buffer = Pools::instance().acquire(device, gstcuda, format, width, height, &made.info);
  const Address address = writable_address(made.buffer);
  if (address == 0) {
    gst_clear_buffer(&made.buffer);
    device->verify();
    throw std::runtime_error("a picture on the GPU could not be mapped for painting");
  }
  made.picture = picture_at(made.info, address);
  return made;
}

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
                        gst_buffer_map(buffer, &mapping_->map, static_cast<GstMapFlags>(GST_MAP_READ | kMapOnCard));
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

DevicePicture acquire_device_picture(const std::shared_ptr<Device>& device, int width, int height) {
  return acquire(device, GstCuda::of(device), GST_VIDEO_FORMAT_NV12, width, height);
}

FramePtr upload(const std::shared_ptr<Device>& device, const FramePtr& frame, Purpose purpose) {
  if (frame->in_cuda_memory()) return frame;
  GstVideoInfo source = frame->info();
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&source);
  if (!is_picture_format(format)) {
    throw std::runtime_error(std::string("frame: expected I420, NV12 or P010_10LE, got ") +
                             gst_video_format_to_string(format));
  }
  // Ours: encoders are given what is painted, not what is uploaded (and GStreamer 1.22 loses the last
  // plane of I420 of odd height on the way down).
  DevicePicture made = acquire(device, nullptr, format, GST_VIDEO_INFO_WIDTH(&source), GST_VIDEO_INFO_HEIGHT(&source));
  const std::unique_ptr<GstBuffer, BufferUnref> buffer(made.buffer);
  made.info.colorimetry = source.colorimetry;
  made.info.chroma_site = source.chroma_site;
  const Address base = writable_address(made.buffer);

  GstVideoFrame mapped;
  if (!DeviceMemory::current().map_to_host(&mapped, *frame)) {
    throw std::runtime_error("frame: its memory could not be mapped for reading");
  }
  const std::unique_ptr<GstVideoFrame, void (*)(GstVideoFrame*)> unmapped(&mapped, gst_video_frame_unmap);
  Uploads& uploads = Uploads::of(device);
  std::lock_guard<std::mutex> lock(uploads.mutex);
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&source); ++plane) {
    // The component of a plane's number lies in it.
    const size_t width = static_cast<size_t>(GST_VIDEO_INFO_COMP_WIDTH(&source, plane)) *
                         static_cast<size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&source, plane));
    uploads.stream.copy_to_device(base + made.info.offset[plane], static_cast<size_t>(made.info.stride[plane]),
                                  GST_VIDEO_FRAME_PLANE_DATA(&mapped, plane),
                                  static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, plane)), width,
                                  static_cast<size_t>(GST_VIDEO_INFO_COMP_HEIGHT(&source, plane)), purpose);
  }
  uploads.stream.wait();
  return std::make_shared<VideoFrame>(made.buffer, made.info, frame->pts_ms(), frame->arrived_ms(),
                                      frame->is_still());
}

}  // namespace diptych::cuda
