#pragma once

#include "gst/graph.hpp"

namespace diptych {

// Fills `event`; false where the message is of no interest. State changes count only when they
// are those of `pipeline`.
bool read_bus_message(GstMessage* message, GstObject* pipeline, BusEvent* event);

}  // namespace diptych
