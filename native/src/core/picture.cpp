#include "core/picture.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "core/device_memory.hpp"

namespace diptych {

namespace {

Plane component(const GstVideoFrame& frame, int index) {
  Plane plane;
  plane.data = static_cast<const uint8_t*>(
                   GST_VIDEO_FRAME_PLANE_DATA(&frame, GST_VIDEO_INFO_COMP_PLANE(&frame.info, index))) +
               first_byte(*frame.info.finfo, index);
  plane.stride = GST_VIDEO_FRAME_COMP_STRIDE(&frame, index);
  plane.step = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, index);
  plane.width = GST_VIDEO_FRAME_COMP_WIDTH(&frame, index);
  plane.height = GST_VIDEO_FRAME_COMP_HEIGHT(&frame, index);
  return plane;
}

}  // namespace

int first_byte(const GstVideoFormatInfo& format, int index) {
  // GStreamer counts the offset of V in P010 in samples, not in bytes: V begins in the middle of the
  // pair. Of 16 bits, little-endian, the upper byte comes second.
  const int of_pair = index == GST_VIDEO_COMP_V ? format.pixel_stride[index] / 2 : 0;
  return of_pair + (format.depth[index] > 8 ? 1 : 0);
}

MappedPicture::MappedPicture(FramePtr frame) : frame_(std::move(frame)) {
  const GstVideoInfo& info = frame_->info();
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&info);
  if (format != GST_VIDEO_FORMAT_I420 && format != GST_VIDEO_FORMAT_NV12 && format != GST_VIDEO_FORMAT_P010_10LE) {
    throw std::runtime_error(std::string("frame: expected I420, NV12 or P010_10LE, got ") +
                             gst_video_format_to_string(format));
  }
  if (!DeviceMemory::current().map_to_host(&mapped_, *frame_)) {
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
