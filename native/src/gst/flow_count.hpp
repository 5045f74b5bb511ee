#pragma once

#include <gst/gst.h>

#include <cstdint>

namespace diptych {

// What has passed a pad since it was linked.
struct FlowCount {
  uint64_t buffers;
  // Shared running time of the newest buffer; NONE before the first.
  GstClockTime last;
};

// Counts from now on what `pad` sends into `element`, for the life of either.
void count_flow(GstPad* pad, GstElement* element);
// What came into `element` so far; nothing where it is not counted. Any thread.
FlowCount flow_into(GstElement* element);

}  // namespace diptych
