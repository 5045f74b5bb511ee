#pragma once

#include <napi.h>

#include "gst/graph.hpp"

namespace diptych {

// BusMessage of src/stream/native/types.ts. JavaScript thread only.
Napi::Value describe_event(Napi::Env env, const BusEvent& event);

}  // namespace diptych
