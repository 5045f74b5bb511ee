#include "gst/flow_count.hpp"

#include <atomic>
#include <memory>

#include "gst/clock.hpp"

namespace diptych {

namespace {

struct Counter {
  std::atomic<uint64_t> buffers{0};
  std::atomic<GstClockTime> last{GST_CLOCK_TIME_NONE};
};
using CounterPtr = std::shared_ptr<Counter>;

GQuark quark() {
  static const GQuark name = g_quark_from_static_string("diptych-flow-count");
  return name;
}

void free_counter(gpointer counter) { delete static_cast<CounterPtr*>(counter); }

GstPadProbeReturn count(GstPad*, GstPadProbeInfo* info, gpointer data) {
  Counter& counter = **static_cast<CounterPtr*>(data);
  const bool is_list = (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0;
  counter.buffers += is_list ? gst_buffer_list_length(GST_PAD_PROBE_INFO_BUFFER_LIST(info)) : 1;
  counter.last = shared_now();
  return GST_PAD_PROBE_OK;
}

}  // namespace

void count_flow(GstPad* pad, GstElement* element) {
  const auto counter = std::make_shared<Counter>();
  g_object_set_qdata_full(G_OBJECT(element), quark(), new CounterPtr(counter), free_counter);
  gst_pad_add_probe(pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST), count,
                    new CounterPtr(counter), free_counter);
}

FlowCount flow_into(GstElement* element) {
  const auto* counter = static_cast<const CounterPtr*>(g_object_get_qdata(G_OBJECT(element), quark()));
  if (counter == nullptr) return {0, GST_CLOCK_TIME_NONE};
  return {(*counter)->buffers, (*counter)->last};
}

}  // namespace diptych
