#pragma once

#include <gst/gst.h>

#include <cstdint>

namespace diptych {

// How often a keyframe was asked of what comes before `element`, since the first call for it: depayloaders ask when
// packets were lost. Any thread.
uint64_t keyframe_requests(GstElement* element);

}  // namespace diptych
