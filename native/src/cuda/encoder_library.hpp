#pragma once

namespace diptych::cuda {

// GStreamer's plugin nvcodec tries NVENC several times for each GPU when it is loaded, on an H200, which has none, for
// 1.0 s. Where none of the GPUs that this process sees can have one, a library without functions takes the place of
// NVIDIA's (libnvidia-encode.so.1, by its SONAME), so that the plugin leaves NVENC out at once. For before the plugin is
// loaded; does nothing where there is no driver. Any thread, once a process.
void leave_out_missing_encoder();

}  // namespace diptych::cuda
