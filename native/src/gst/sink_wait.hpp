#pragma once

#include <gst/base/gstbasesink.h>

#include <optional>

#include "gst/sink_port.hpp"

namespace diptych {

// Waits for what only the listener can bring about, without the sink's lock: whoever changes the state of the graph takes
// that, and may be the listener's thread. `object` is what the sink was given; `wait` is called with `port` and its
// `unlocks()`. Streaming thread, with the lock; GST_FLOW_OK when what was waited for is there.
template <typename Wait>
GstFlowReturn wait_without_lock(GstBaseSink* sink, SinkPort* port, GstMiniObject* object, Wait wait) {
  GstFlowReturn flow = GST_FLOW_OK;
  while (flow == GST_FLOW_OK) {
    const std::optional<uint64_t> unlocks = port->unlocks();
    if (!unlocks) {
      // Whoever ended waits takes the lock next.
      flow = gst_base_sink_wait_preroll(sink);
      continue;
    }
    GST_BASE_SINK_PREROLL_UNLOCK(sink);
    const bool is_met = wait(port, *unlocks);
    GST_BASE_SINK_PREROLL_LOCK(sink);
    if (sink->flushing) return GST_FLOW_FLUSHING;
    if (is_met && !sink->need_preroll) return GST_FLOW_OK;
    // Paused meanwhile, or set to PLAYING by somebody who has not seen this buffer.
    if (sink->need_preroll) flow = gst_base_sink_do_preroll(sink, object);
  }
  return flow;
}

}  // namespace diptych
