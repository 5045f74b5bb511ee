#pragma once

#include <gst/gst.h>

#include "core/display_orientation.hpp"

namespace diptych {

// Tells what follows `element`, whose pad `src` gives whole pictures with start codes, how they are meant to be shown:
// by the tag `image-orientation`, whenever that changes. Answers with the tag that holds now. Any thread.
const char* tag_orientation(GstElement* element, NalCodec codec);

}  // namespace diptych
