#pragma once

#include <gst/gst.h>

namespace diptych {

// One system clock and one origin of time for every graph of the process.

// Borrowed; lives as long as the process.
GstClock* shared_clock();
// The clock's time that counts as running time 0.
GstClockTime shared_base_time();
// Nanoseconds of the shared running time.
GstClockTime shared_now();

// Nanoseconds to milliseconds, and back (≥ 0, rounded).
inline double to_ms(GstClockTime ns) { return static_cast<double>(ns) / GST_MSECOND; }
inline GstClockTime from_ms(double ms) { return static_cast<GstClockTime>(ms * GST_MSECOND + 0.5); }

}  // namespace diptych
