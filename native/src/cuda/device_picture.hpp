#pragma once

#include <gst/video/video.h>

#include <memory>

#include "core/picture.hpp"
#include "cuda/device.hpp"

namespace diptych::cuda {

// A new picture on the GPU to paint into, NV12 (what NVENC likes), with the buffer that carries
// it. The buffer's memory is GStreamer's own CUDA memory where its library can be opened
// (libgstcuda, 1.22 and up), so that nvh264enc takes it as it is; else ours, which maps to the
// host by a counted copy.
struct DevicePicture {
  // The caller's own reference.
  GstBuffer* buffer;
  // Its layout: strides and offsets are those of the memory.
  GstVideoInfo info;
  // Where the memory begins.
  Address address;
  // Device addresses, writable.
  Picture picture;
};
// Buffers are used again when nobody refers to them any more; at most 512 of a size
// (a process may have 64 streams).
DevicePicture acquire_device_picture(const std::shared_ptr<Device>& device, int width, int height);
// The same in memory of our own type, in any of the three formats: for what is uploaded, which no
// encoder is given.
DevicePicture acquire_own_picture(const std::shared_ptr<Device>& device, GstVideoFormat format, int width, int height);

}  // namespace diptych::cuda
