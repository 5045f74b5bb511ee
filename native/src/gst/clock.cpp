#include "gst/clock.hpp"

namespace diptych {

GstClock* shared_clock() {
  static GstClock* clock = gst_system_clock_obtain();
  return clock;
}

GstClockTime shared_base_time() {
  static const GstClockTime base = gst_clock_get_time(shared_clock());
  return base;
}

GstClockTime shared_now() {
  const GstClockTime base = shared_base_time();
  return gst_clock_get_time(shared_clock()) - base;
}

}  // namespace diptych
