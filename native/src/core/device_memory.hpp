#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace diptych {

class VideoFrame;

// What code that knows nothing of a GPU must know of memory that is not the host's. `core` and `gst`
// call this; `cuda` implements it, and `napi` installs that when the addon is loaded. Without an
// implementation all memory is the host's. Any thread; no call takes a lock of the caller.
class DeviceMemory {
 public:
  // Never destroyed where it is installed.
  virtual ~DeviceMemory() = default;

  // The installed implementation, else one for a process without a GPU. Lives as long as the process.
  static DeviceMemory& current();
  // `memory` must live as long as the process. Once, before the first frame.
  static void install(DeviceMemory* memory);

  // Whether the pixels of `buffer` lie in a GPU's memory. Reads the type of the memory only.
  virtual bool holds(GstBuffer* buffer) const = 0;
  // Maps a picture to the host for reading, wherever it lies; a copy that this takes is counted.
  // False where it can't be mapped. Throws std::runtime_error where the GPU is lost.
  virtual bool map_to_host(GstVideoFrame* mapped, const VideoFrame& frame) = 0;
  // What elements of GStreamer are given so that they work on the same GPU, without a reference;
  // null where there is nothing to share.
  virtual GstContext* element_context() = 0;
  // Prepares the calling thread for work of an element on the GPU. Does nothing where no GPU is open.
  virtual void enter_thread() = 0;
  // Memory of `size` bytes at an address of the GPU that others own; `release` is called once, when it
  // is freed. Throws std::runtime_error where no GPU is open.
  virtual GstMemory* wrap(uint64_t address, size_t size, std::function<void()> release) = 0;
};

}  // namespace diptych
