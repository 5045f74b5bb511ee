#include "cuda/picture_layout.hpp"

namespace diptych::cuda {

namespace {

Plane component(const GstVideoInfo& info, Address base, guint index) {
  Plane plane;
  const guint of = GST_VIDEO_INFO_COMP_PLANE(&info, index);
  plane.data = reinterpret_cast<const uint8_t*>(base + GST_VIDEO_INFO_PLANE_OFFSET(&info, of)) +
               first_byte(*info.finfo, static_cast<int>(index));
  plane.stride = GST_VIDEO_INFO_PLANE_STRIDE(&info, of);
  plane.step = GST_VIDEO_INFO_COMP_PSTRIDE(&info, index);
  plane.width = GST_VIDEO_INFO_COMP_WIDTH(&info, index);
  plane.height = GST_VIDEO_INFO_COMP_HEIGHT(&info, index);
  return plane;
}

}  // namespace

bool is_picture_format(GstVideoFormat format) {
  return format == GST_VIDEO_FORMAT_I420 || format == GST_VIDEO_FORMAT_NV12 || format == GST_VIDEO_FORMAT_P010_10LE;
}

void read_layout(GstBuffer* buffer, GstVideoInfo* info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (meta == nullptr) return;
  for (guint plane = 0; plane < meta->n_planes; ++plane) {
    info->stride[plane] = meta->stride[plane];
    info->offset[plane] = meta->offset[plane];
  }
}

Picture picture_at(const GstVideoInfo& info, Address base) {
  Picture picture;
  picture.width = GST_VIDEO_INFO_WIDTH(&info);
  picture.height = GST_VIDEO_INFO_HEIGHT(&info);
  picture.y = component(info, base, GST_VIDEO_COMP_Y);
  picture.u = component(info, base, GST_VIDEO_COMP_U);
  picture.v = component(info, base, GST_VIDEO_COMP_V);
  picture.colorimetry = info.colorimetry;
  return picture;
}

}  // namespace diptych::cuda
