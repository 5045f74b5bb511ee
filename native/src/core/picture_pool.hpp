#pragma once

#include <gst/video/video.h>

#include <list>
#include <mutex>

namespace diptych {

// A composed picture: I420, BT.709, limited range, chroma sited as in MPEG-2.
GstVideoInfo composed_picture_info(int width, int height);

// I420 buffers that are used again when nobody refers to them any more: at most
// `kMostBuffers` of a size, and pools for the `kMostSizes` sizes used last. Enough for the streams
// of a process, which hold three to five pictures each, and more while an encoder is behind.
class PicturePool {
 public:
  // Buffers of a size, and sizes.
  static constexpr unsigned kMostBuffers = 512;
  static constexpr size_t kMostSizes = 16;

  // A writable buffer, the caller's own; its layout goes to `info`.
  // Throws std::runtime_error where all buffers of the size are in use.
  GstBuffer* acquire(int width, int height, GstVideoInfo& info);

 private:
  struct Entry {
    GstVideoInfo info;
    GstBufferPool* pool;
  };
  std::list<Entry>::iterator open(int width, int height);

  std::mutex mutex_;
  // The size used last comes first.
  std::list<Entry> entries_;
};

}  // namespace diptych
