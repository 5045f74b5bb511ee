#pragma once

#include <gst/video/video.h>

#include "core/device_memory.hpp"

// Pictures in NVIDIA's surfaces (memory:NVMM), as nvv4l2decoder gives them on a Jetson and in
// DeepStream: a buffer holds an NvBufSurface.
//
// This has never run on such hardware. It is written by NVIDIA's documentation (NvBufSurface API of
// DeepStream 5 to 9 and Jetson Linux 35 and 36) and tested with a stand-in for libnvbufsurface.so
// (native/test/nvmm.cpp). All of NVMM is in this folder, behind these two functions; libnvbufsurface.so
// is opened when the first surface must be mapped. Any thread.
namespace diptych::nvmm {

// Whether buffers of these caps hold an NvBufSurface.
bool is_nvmm(const GstCaps* caps);

// The same picture as a buffer of ordinary memory, which the caller owns: memory of the GPU (made by
// `device`) where the surface lies there, else of the host. It keeps the surface, and its mapping,
// while it lives; no pixel is copied. `info` describes the picture. Only the first picture of a batch.
// Throws std::runtime_error with one sentence.
GstBuffer* import(GstBuffer* surface, const GstVideoInfo& info, DeviceMemory& device);

}  // namespace diptych::nvmm
