#pragma once

#include <gst/gst.h>

#include <memory>

#include "cuda/device.hpp"

// GStreamer's CUDA library (libgstcuda, GStreamer 1.22 and up), opened at run time. Its elements
// can work in our context, so that what they decode is ours to read as it lies.
namespace diptych::cuda {

// Never destroyed. Any thread.
class GstCuda {
 public:
  // Null where there is no such library, or it uses another driver than `device`. Tried once.
  static const GstCuda* of(const std::shared_ptr<Device>& device);

  // What elements are given as "gst.cuda.context".
  GstContext* context() const { return context_; }
  // A pool of buffers in our context.
  GstBufferPool* make_pool() const { return new_pool_(shared_); }
  // Waits until a memory's pixels are there (before 1.24 they are when it is handed out).
  void sync(GstMemory* memory) const {
    if (sync_ != nullptr) sync_(memory);
  }

 private:
  using SharedContext = void*;
  static std::unique_ptr<GstCuda> open(const Device& device);

  SharedContext shared_ = nullptr;
  GstContext* context_ = nullptr;
  GstBufferPool* (*new_pool_)(SharedContext) = nullptr;
  void (*sync_)(GstMemory*) = nullptr;
};

}  // namespace diptych::cuda
