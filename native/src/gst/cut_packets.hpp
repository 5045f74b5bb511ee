#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "core/display_orientation.hpp"

namespace diptych {

// Drops RTP packets that end before the parts that they say they have, from the first call on and for the life of
// `element`, which gives them at its pad `src`. Depayloaders of H.264 and H.265 (GStreamer 1.22) count what is left of
// them below zero, read far beyond them and end the process. Returns how many there were since the first call. Any
// thread.
uint64_t cut_packets(GstElement* element, NalCodec codec);

}  // namespace diptych
