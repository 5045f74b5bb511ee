#include "cuda/device_picture.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>

#include "cuda/driver.hpp"
#include "cuda/gstreamer.hpp"
#include "cuda/memory.hpp"
#include "cuda/picture_layout.hpp"

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
                "the GPU has no memory for another picture of " + size + "; run fewer streams on this GPU");
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
                      " pictures could not be made on the GPU; run fewer streams on this GPU");
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
  if (!gst_buffer_map(buffer, &map, static_cast<GstMapFlags>(GST_MAP_WRITE | kMapOnGpu))) return 0;
  const Address address = reinterpret_cast<Address>(map.data);
  gst_buffer_unmap(buffer, &map);
  return address;
}

DevicePicture acquire(const std::shared_ptr<Device>& device, const GstCuda* gstcuda, GstVideoFormat format, int width,
                      int height) {
  DevicePicture made{};
  made.buffer = Pools::instance().acquire(device, gstcuda, format, width, height, &made.info);
  made.address = writable_address(made.buffer);
  if (made.address == 0) {
    gst_clear_buffer(&made.buffer);
    device->verify();
    throw std::runtime_error("a picture on the GPU could not be mapped for painting");
  }
  made.picture = picture_at(made.info, made.address);
  return made;
}

}  // namespace

DevicePicture acquire_device_picture(const std::shared_ptr<Device>& device, int width, int height) {
  return acquire(device, GstCuda::of(device), GST_VIDEO_FORMAT_NV12, width, height);
}

DevicePicture acquire_own_picture(const std::shared_ptr<Device>& device, GstVideoFormat format, int width, int height) {
  return acquire(device, nullptr, format, width, height);
}

}  // namespace diptych::cuda
