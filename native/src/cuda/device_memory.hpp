#pragma once

namespace diptych::cuda {

// Makes CUDA memory known to `core` and `gst` (core/device_memory.hpp), whether a GPU is open or not:
// elements of GStreamer may use CUDA memory without us. Safe to call more than once.
void install_device_memory();

}  // namespace diptych::cuda
