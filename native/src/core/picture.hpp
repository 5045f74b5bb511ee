#pragma once

#include <gst/video/video.h>

#include <cstdint>

#include "core/frame_store.hpp"

namespace diptych {

// One plane of a picture as it lies in memory. Sample (x, y) is data[y · stride + x · step]:
// `step` is 1 for planes of their own and 2 for the U and V halves of an NV12 plane. Of P010 the
// upper byte of each sample is seen, with steps of 2 and 4.
struct Plane {
  // The first sample; may be an address of the GPU (cuda/mapped_picture.hpp).
  const uint8_t* data = nullptr;
  // Bytes from one row to the next.
  int stride = 0;
  // Bytes from one sample to the next.
  int step = 1;
  // Samples.
  int width = 0;
  int height = 0;
};

// A 4:2:0 picture; I420, NV12 and P010 look the same from here on.
struct Picture {
  // Luma pixels.
  int width = 0;
  int height = 0;
  Plane y;
  Plane u;
  Plane v;
  // What the samples mean; colour_matrix reads it.
  GstVideoColorimetry colorimetry{};
};

// Byte of its plane at which component `index` of I420, NV12 or P010 is first seen.
int first_byte(const GstVideoFormatInfo& format, int index);

// Keeps a frame and its pixels in reach while it lives. Any thread.
class MappedPicture {
 public:
  // Throws std::runtime_error where the format is not I420, NV12 or P010_10LE, or mapping fails.
  explicit MappedPicture(FramePtr frame);
  ~MappedPicture();
  MappedPicture(const MappedPicture&) = delete;
  MappedPicture& operator=(const MappedPicture&) = delete;

  // Valid while this lives.
  const Picture& picture() const { return picture_; }

 private:
  FramePtr frame_;
  GstVideoFrame mapped_;
  Picture picture_;
};

}  // namespace diptych
