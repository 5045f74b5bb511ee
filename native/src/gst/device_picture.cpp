#include "gst/device_picture.hpp"

#include "gst/nvmm/nvmm.hpp"

namespace diptych {

const char* why_not_on_device(GstCaps* caps, const GstVideoInfo& info, GstBuffer* picture) {
  const GstCapsFeatures* features = gst_caps_get_features(caps, 0);
  const bool is_on_device =
      nvmm::is_nvmm(caps) || (features != nullptr && gst_caps_features_contains(features, "memory:CUDAMemory"));
  if (!is_on_device) return nullptr;
  if (GST_VIDEO_INFO_PAR_N(&info) != GST_VIDEO_INFO_PAR_D(&info)) {
    return "pixels that are not square are made so in system memory";
  }
  const bool is_interlaced = GST_VIDEO_INFO_INTERLACE_MODE(&info) == GST_VIDEO_INTERLACE_MODE_INTERLEAVED ||
                             (GST_VIDEO_INFO_INTERLACE_MODE(&info) == GST_VIDEO_INTERLACE_MODE_MIXED &&
                              GST_BUFFER_FLAG_IS_SET(picture, GST_VIDEO_BUFFER_FLAG_INTERLACED));
  return is_interlaced ? "interlaced pictures are deinterlaced in system memory" : nullptr;
}

}  // namespace diptych
