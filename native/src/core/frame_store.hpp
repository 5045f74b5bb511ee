#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace diptych {

// One picture and where it lies. Immutable once made; holds one reference to the buffer.
class VideoFrame {
 public:
  // Takes its own reference to `buffer`. Times in milliseconds of the shared running time. A still was
  // made to be shown many times (a slate), not by a graph.
  VideoFrame(GstBuffer* buffer, const GstVideoInfo& info, double pts_ms, double arrived_ms, bool is_still = false);
  ~VideoFrame();
  VideoFrame(const VideoFrame&) = delete;
  VideoFrame& operator=(const VideoFrame&) = delete;

  // Borrowed.
  GstBuffer* buffer() const { return buffer_; }
  // As the caps describe it; a GstVideoMeta of the buffer goes before its layout.
  const GstVideoInfo& info() const { return info_; }
  // Milliseconds of the shared running time.
  double pts_ms() const { return pts_ms_; }
  // When it left its graph, or was made.
  double arrived_ms() const { return arrived_ms_; }
  // Whether the pixels lie in the memory of a GPU (core/device_memory.hpp).
  bool in_cuda_memory() const { return in_cuda_memory_; }
  // Whether it was made to be shown many times (a slate).
  bool is_still() const { return is_still_; }

 private:
  GstBuffer* buffer_;
  GstVideoInfo info_;
  double pts_ms_;
  double arrived_ms_;
  bool in_cuda_memory_;
  bool is_still_;
};

// Whoever holds one keeps the picture alive. Any thread.
using FramePtr = std::shared_ptr<const VideoFrame>;

// The numbers JavaScript has for frames. One store a process, safe from any thread.
class FrameStore {
 public:
  // Lives as long as the process.
  static FrameStore& instance();

  // A new handle with one reference; never 0, never one that is alive. `owner` is whoever gets it, such as an
  // environment of JavaScript.
  uint32_t add(FramePtr frame, const void* owner);
  // Null where the handle is not alive.
  FramePtr get(uint32_t handle) const;
  // False where the handle is not alive.
  bool retain(uint32_t handle);
  // Takes one reference away; the handle dies with its last. False where it is not alive.
  bool release(uint32_t handle);
  // The owner has ended: its handles die, however many references they have.
  void release_all_of(const void* owner);
  // Handles that are alive.
  size_t live() const;

 private:
  struct Entry {
    FramePtr frame;
    uint32_t references;
    const void* owner;
  };
  mutable std::mutex mutex_;
  std::unordered_map<uint32_t, Entry> entries_;
  uint32_t next_ = 1;
};

}  // namespace diptych
