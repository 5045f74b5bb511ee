#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

namespace diptych {

// Why a picture that lies on a GPU has to be decoded to system memory instead, where the graph mends it: one
// sentence, or null where it can stay there. `caps` describe the picture, as `info` does.
const char* why_not_on_device(GstCaps* caps, const GstVideoInfo& info, GstBuffer* picture);

}  // namespace diptych
