#pragma once

#include <gst/gst.h>

#include <cstdint>

namespace diptych {

// Pictures that a decoder reported errors for, since the first call for it. Decoders go on after an error, and write it
// to GStreamer's log only. Errors of threads that work on one slice of a picture are not seen.
uint64_t damaged_pictures(GstElement* decoder);

}  // namespace diptych
