#pragma once

#include <gst/video/video.h>

#include <cstddef>
#include <cstdint>
#include <functional>

// Pictures in NVIDIA's surfaces (memory:NVMM), as nvv4l2decoder gives them on a Jetson and in
// DeepStream: a buffer holds an NvBufSurface. Written by NVIDIA's documentation (NvBufSurface API of
// DeepStream 5 to 9 and Jetson Linux 35 and 36); not yet run on such hardware.
namespace diptych::nvmm {

// Makes memory of `size` bytes at a device address; `release` is called when it is freed. Throws where
// it can't.
using WrapOnCard = std::function<GstMemory*(uint64_t address, size_t size, std::function<void()> release)>;

bool is_nvmm(const GstCaps* caps);

// The same picture as a buffer of ordinary memory: of the card where the surface lies there, else of
// the host. It keeps the surface, and its mapping, while it lives; no pixel is copied. Only the first
// picture of a batch. Throws std::runtime_error with one sentence.
GstBuffer* import(GstBuffer* surface, const GstVideoInfo& info, const WrapOnCard& wrap);

}  // namespace diptych::nvmm
