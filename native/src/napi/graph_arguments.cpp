#include "napi/graph_arguments.hpp"

#include <string>

#include "napi/arguments.hpp"

namespace diptych {

std::shared_ptr<Graph> graph_argument(Napi::Value id) {
  std::shared_ptr<Graph> graph = Graph::find(string_argument(id, "graphId"));
  if (graph == nullptr) throw wrong_argument(id.Env(), "graphId", "the id of an attached graph", id);
  return graph;
}

ElementPtr element_argument(Napi::Value graph_id, Napi::Value name) {
  ElementPtr element =
      element_registry::find(string_argument(graph_id, "graphId"), string_argument(name, "element"));
  if (element == nullptr) {
    throw wrong_argument(name.Env(), "element",
                         "an element with graph=" + graph_id.As<Napi::String>().Utf8Value(), name);
  }
  return element;
}

std::shared_ptr<SinkPort> sink_argument(Napi::Value graph_id, Napi::Value name) {
  std::shared_ptr<SinkPort> port = sink_port_of(element_argument(graph_id, name).get());
  if (port == nullptr) throw wrong_argument(name.Env(), "element", "the name of a diptychsink", name);
  return port;
}

std::shared_ptr<SourcePort> source_argument(Napi::Value graph_id, Napi::Value name) {
  std::shared_ptr<SourcePort> port = source_port_of(element_argument(graph_id, name).get());
  if (port == nullptr) throw wrong_argument(name.Env(), "element", "the name of a diptychsrc", name);
  return port;
}

ElementPtr child_argument(Napi::Value graph_id, Napi::Value name) {
  ElementPtr element = graph_argument(graph_id)->element(string_argument(name, "element"));
  if (element == nullptr) throw wrong_argument(name.Env(), "element", "the name of an element of the graph", name);
  return element;
}

std::shared_ptr<SinkPort> link_from_argument(Napi::Value end, const char* name) {
  const Napi::Object tap = object_argument(end, name);
  return sink_argument(tap.Get("graphId"), tap.Get("element"));
}

std::shared_ptr<SourcePort> link_to_argument(Napi::Value end, const char* name) {
  const Napi::Object input = object_argument(end, name);
  return source_argument(input.Get("graphId"), input.Get("element"));
}

}  // namespace diptych
