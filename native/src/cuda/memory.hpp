#pragma once

#include <gst/video/video.h>

#include <functional>
#include <memory>

#include "cuda/device.hpp"

// Buffers whose memory lies on the GPU: GStreamer's own CUDA memory (its decoders', and ours where
// its library is there), or a memory type of ours. Either maps to the host, by a copy, as any memory
// does, and gives its device address where it is mapped with kMapOnGpu.
namespace diptych::cuda {

// As gstcudamemory.h has it (GST_MAP_CUDA), for both types.
constexpr GstMapFlags kMapOnGpu = static_cast<GstMapFlags>(GST_MAP_FLAG_LAST << 1);

// Whether it is of GStreamer's type: its elements take it as memory:CUDAMemory.
bool is_memory_of_gstreamer(GstBuffer* buffer);
// Whether it is of our type.
bool is_own_memory(GstBuffer* buffer);

// Makes memory of our type. One a process, never destroyed.
GstAllocator* own_allocator(const std::shared_ptr<Device>& device);
// Memory of our type at an address that others own; `release` is called when it is freed. Throws Error
// where no device is open.
GstMemory* wrap_own_memory(Address address, size_t size, std::function<void()> release);
// Throws the last failure of our allocator on this thread; returns where there was none.
void rethrow_allocation_failure();

}  // namespace diptych::cuda
