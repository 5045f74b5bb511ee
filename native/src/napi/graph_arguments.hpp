#pragma once

#include <napi.h>

#include <memory>

#include "gst/elements.hpp"
#include "gst/graph.hpp"

namespace diptych {

// More of napi/arguments.hpp, for graphs and what is in them. Each throws a TypeError of one sentence
// where there is nothing of that name. JavaScript thread only.

// The attached graph of that id.
std::shared_ptr<Graph> graph_argument(Napi::Value id);
// An element of the attached graph, of any type, by its name.
ElementPtr child_argument(Napi::Value graph_id, Napi::Value name);
// A `diptychsink` or `diptychsrc` of the graph, attached or not, by its name.
ElementPtr element_argument(Napi::Value graph_id, Napi::Value name);
// The port of a `diptychsink`.
std::shared_ptr<SinkPort> sink_argument(Napi::Value graph_id, Napi::Value name);
// The port of a `diptychsrc`.
std::shared_ptr<SourcePort> source_argument(Napi::Value graph_id, Napi::Value name);
// The port of the `diptychsink` that `{ graphId, element }` names; `name` is the argument's own.
std::shared_ptr<SinkPort> link_from_argument(Napi::Value end, const char* name);
// The port of the `diptychsrc` that `{ graphId, element }` names.
std::shared_ptr<SourcePort> link_to_argument(Napi::Value end, const char* name);

}  // namespace diptych
