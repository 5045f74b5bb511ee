#pragma once

#include <gst/video/video.h>

#include "core/picture.hpp"
#include "cuda/device.hpp"

// Where the pixels of a buffer in the GPU's memory lie.
namespace diptych::cuda {

// Whether it is I420, NV12 or P010_10LE.
bool is_picture_format(GstVideoFormat format);
// Puts strides and offsets of the buffer's own meta into `info`; without one its caps' layout stays.
void read_layout(GstBuffer* buffer, GstVideoInfo* info);
// A picture of this layout that begins at a device address.
Picture picture_at(const GstVideoInfo& info, Address base);

}  // namespace diptych::cuda
