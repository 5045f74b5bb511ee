#include "diptych/picture.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "diptych/cuda/memory.hpp"

namespace diptych {

namespace {

Plane component(const GstVideoFrame& frame, int index) {
  Plane plane;
  // Of 16 bits, little-endian, the upper 8.
  const int upper_byte = GST_VIDEO_FRAME_COMP_DEPTH(&frame, index) > 8 ? 1 : 0;
  plane.data = static_cast<const uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, index)) + upper_byte;
  plane.stride = GST_VIDEO_FRAME_COMP_STRIDE(&frame, index);
  plane.step = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, index);
  plane.width = GST_VIDEO_FRAME_COMP_WIDTH(&frame, index);
  plane.height = GST_VIDEO_FRAME_COMP_HEIGHT(&frame, index);
  return plane;
}

}  // namespace

MappedPicture::MappedPicture(FramePtr frame) : frame_(std::move(frame)) {
  const GstVideoInfo& info = frame_->info();
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&info);
  if (format != GST_VIDEO_FORMAT_I420 && format != GST_VIDEO_FORMAT_NV12 && format != GST_VIDEO_FORMAT_P010_10LE) {
    throw std::runtime_error(std::string("frame: expected I420, NV12 or P010_10LE, got ") +
                             gst_video_format_to_string(format));
  }
  if (!cuda::map_to_host(&mapped_, *frame_)) {
    throw std::runtime_error("frame: its memory could not be mapped for reading");
  }
  picture_.width = GST_VIDEO_FRAME_WIDTH(&mapped_);
  picture_.height = GST_VIDEO_FRAME_HEIGHT(&mapped_);
  picture_.y = component(mapped_, GST_VIDEO_COMP_Y);
  picture_.u = component(mapped_, GST_VIDEO_COMP_U);
  picture_.v = component(mapped_, GST_VIDEO_COMP_V);
  picture_.colorimetry = info.colorimetry;
}

MappedPicture::~MappedPicture() { gst_video_frame_unmap(&mapped_); }

}  // namespace diptych
