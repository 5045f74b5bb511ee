#include "core/picture_pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace diptych {

namespace {

// One less than a cache line, as GstAllocationParams wants it.
constexpr gsize kAlignment = 63;

void close(GstBufferPool* pool) {
  // Buffers still in use are freed, not kept, when they come back.
  gst_buffer_pool_set_active(pool, FALSE);
  gst_object_unref(pool);
}

}  // namespace

GstVideoInfo composed_picture_info(int width, int height) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, width, height);
  gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
  info.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  return info;
}

GstBuffer* PicturePool::acquire(int width, int height, GstVideoInfo& info) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto entry = std::find_if(entries_.begin(), entries_.end(), [width, height](const Entry& candidate) {
    return candidate.info.width == width && candidate.info.height == height;
  });
  if (entry == entries_.end()) entry = open(width, height);
  entries_.splice(entries_.begin(), entries_, entry);

  GstBufferPoolAcquireParams params{};
  params.flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT;
  GstBuffer* buffer = nullptr;
  if (gst_buffer_pool_acquire_buffer(entry->pool, &buffer, &params) != GST_FLOW_OK) {
    throw std::runtime_error("compose: all " + std::to_string(kMostBuffers) + " pictures of " +
                             std::to_string(width) + "×" + std::to_string(height) +
                             " are still in use; release frames that are done with");
  }
  info = entry->info;
  return buffer;
}

std::list<PicturePool::Entry>::iterator PicturePool::open(int width, int height) {
  const GstVideoInfo info = composed_picture_info(width, height);
  GstBufferPool* pool = gst_buffer_pool_new();
  GstStructure* config = gst_buffer_pool_get_config(pool);
  GstCaps* caps = gst_video_info_to_caps(&info);
  gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(info.size), 0, kMostBuffers);
  gst_caps_unref(caps);
  GstAllocationParams allocation;
  gst_allocation_params_init(&allocation);
  allocation.align = kAlignment;
  gst_buffer_pool_config_set_allocator(config, nullptr, &allocation);
  if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE)) {
    gst_object_unref(pool);
    throw std::runtime_error("compose: a pool of " + std::to_string(width) + "×" + std::to_string(height) +
                             " pictures could not be made");
  }
  if (entries_.size() == kMostSizes) {
    close(entries_.back().pool);
    entries_.pop_back();
  }
  entries_.push_front({info, pool});
  return entries_.begin();
}

}  // namespace diptych
