#pragma once

#include <gst/gst.h>

namespace diptych {

// The jitter buffers that appear inside `bin` from now on give their first packets as soon as so many have come one
// after the other, ≥ 1. Without it they keep them for their whole length, because another one might come before them.
// Before the graph plays.
void start_after_packets(GstBin* bin, guint packets);

}  // namespace diptych
