#include "gst/graph.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include "core/detached_thread.hpp"
#include "core/device_memory.hpp"
#include "core/free_memory.hpp"
#include "gst/bus_event.hpp"
#include "gst/clock.hpp"

namespace diptych {

namespace {

// How long a rewound graph may take to pause.
constexpr GstClockTime kPauseTimeout = 5 * GST_SECOND;

struct Attached {
  std::mutex mutex;
  std::unordered_map<std::string, std::shared_ptr<Graph>> by_id;
};

Attached& attached() {
  // Never destroyed: graphs may run while the process exits.
  static Attached* all = new Attached();
  return *all;
}

// Set on a pipeline that a graph owns, or owned.
constexpr char kIsAttached[] = "diptych-is-attached";

// The outermost element that holds `element`; itself where it is in no bin.
ElementPtr top_of(GstElement* element) {
  ElementPtr top(GST_ELEMENT(gst_object_ref(element)));
  while (GstObject* parent = gst_object_get_parent(GST_OBJECT(top.get()))) top.reset(GST_ELEMENT(parent));
  return top;
}

}  // namespace

std::shared_ptr<Graph> Graph::attach(const std::string& id, Listener on_event) {
  for (const ElementPtr& element : element_registry::of_graph(id)) {
    ElementPtr top = top_of(element.get());
    if (!GST_IS_PIPELINE(top.get())) continue;
    std::shared_ptr<Graph> graph(new Graph(id, std::move(top), std::move(on_event)));
    {
      Attached& all = attached();
      std::lock_guard<std::mutex> lock(all.mutex);
      if (!all.by_id.emplace(id, graph).second) return nullptr;
    }
    g_object_set_data(G_OBJECT(graph->pipeline_), kIsAttached, GINT_TO_POINTER(TRUE));
    graph->watch_bus();
    graph->use_shared_time();
    // A bin passes it to the elements it has and will have, so no element has to ask for it.
    if (GstContext* context = DeviceMemory::current().element_context()) gst_element_set_context(graph->pipeline_, context);
    return graph;
  }
  return nullptr;
}

bool Graph::discard(const std::string& id) {
  for (const ElementPtr& element : element_registry::of_graph(id)) {
    const ElementPtr top = top_of(element.get());
    if (g_object_get_data(G_OBJECT(top.get()), kIsAttached) != nullptr) return false;
    gst_element_set_state(top.get(), GST_STATE_NULL);
    gst_object_unref(top.get());
    return true;
  }
  return false;
}

std::shared_ptr<Graph> Graph::find(const std::string& id) {
  Attached& all = attached();
  std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.by_id.find(id);
  return found == all.by_id.end() ? nullptr : found->second;
}

Graph::Graph(std::string id, ElementPtr pipeline, Listener on_event)
    : id_(std::move(id)), own_reference_(std::move(pipeline)), pipeline_(own_reference_.get()), on_event_(std::move(on_event)) {}

void Graph::watch_bus() {
  GstBus* bus = gst_element_get_bus(pipeline_);
  gst_bus_set_sync_handler(
      bus,
      [](GstBus*, GstMessage* message, gpointer graph) {
        (*static_cast<std::shared_ptr<Graph>*>(graph))->on_message(message);
        gst_message_unref(message);
        // Nobody reads the queue of this bus.
        return GST_BUS_DROP;
      },
      new std::shared_ptr<Graph>(shared_from_this()),
      [](gpointer graph) { delete static_cast<std::shared_ptr<Graph>*>(graph); });
  gst_object_unref(bus);
}

void Graph::use_shared_time() {
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_), shared_clock());
  for (const ElementPtr& element : element_registry::of_graph(id_)) {
    if (source_port_of(element.get()) == nullptr) continue;
    // What we push carries the shared running time, so this graph must count from the same
    // origin. Other graphs count from their own start (a file has to); `diptychsink` converts.
    gst_element_set_start_time(pipeline_, GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_, shared_base_time());
    return;
  }
}

void Graph::on_message(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_LATENCY && !recalculates_latency_.exchange(true)) {
    // Not here: the streaming thread that posts this may hold locks that the latency event needs.
    run_detached([graph = shared_from_this()] {
      graph->recalculates_latency_ = false;
      if (!graph->is_shut_down_) gst_bin_recalculate_latency(GST_BIN(graph->pipeline_));
    });
  }
  if (is_shut_down_) return;
  BusEvent event;
  if (read_bus_message(message, GST_OBJECT(pipeline_), &event)) on_event_(event);
}

std::vector<ElementName> Graph::elements() const {
  std::vector<ElementName> names;
  GstIterator* iterator = gst_bin_iterate_recurse(GST_BIN(pipeline_));
  GValue item = G_VALUE_INIT;
  for (;;) {
    const GstIteratorResult result = gst_iterator_next(iterator, &item);
    if (result == GST_ITERATOR_RESYNC) {
      names.clear();
      gst_iterator_resync(iterator);
      continue;
    }
    if (result != GST_ITERATOR_OK) break;
    GstElement* element = GST_ELEMENT(g_value_get_object(&item));
    GstElementFactory* factory = gst_element_get_factory(element);
    gchar* name = gst_element_get_name(element);
    names.push_back({name, factory == nullptr ? "" : GST_OBJECT_NAME(factory)});
    g_free(name);
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(iterator);
  return names;
}

ElementPtr Graph::element(const std::string& name) const {
  return ElementPtr(gst_bin_get_by_name(GST_BIN(pipeline_), name.c_str()));
}

void Graph::send_eos() { gst_element_send_event(pipeline_, gst_event_new_eos()); }

bool Graph::set_state(GstState state) {
  std::lock_guard<std::mutex> lock(state_mutex_);
  if (is_shut_down_) return false;
  gst_element_set_state(pipeline_, state);
  return true;
}

bool Graph::rewind() {
  // Through PAUSED, so that the pipeline counts its running time from now on again.
  if (!set_state(GST_STATE_PAUSED)) return false;
  gst_element_get_state(pipeline_, nullptr, nullptr, kPauseTimeout);
  const bool sought = gst_element_seek_simple(pipeline_, GST_FORMAT_TIME,
                                              static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT), 0);
  return set_state(GST_STATE_PLAYING) && sought;
}

void Graph::shut_down() {
  if (is_shut_down_.exchange(true)) return;
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    gst_element_set_state(pipeline_, GST_STATE_NULL);
  }

  GstBus* bus = gst_element_get_bus(pipeline_);
  gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);

  {
    Attached& all = attached();
    std::lock_guard<std::mutex> lock(all.mutex);
    all.by_id.erase(id_);
  }
  gst_object_unref(pipeline_);
  return_free_memory();
}

void Graph::stop_all(unsigned timeout_ms) {
  struct Progress {
    std::mutex mutex;
    std::condition_variable changed;
    size_t left = 0;
  };
  const auto progress = std::make_shared<Progress>();
  std::vector<std::shared_ptr<Graph>> graphs;
  {
    Attached& all = attached();
    std::lock_guard<std::mutex> lock(all.mutex);
    for (const auto& [id, graph] : all.by_id) graphs.push_back(graph);
  }
  progress->left = graphs.size();
  for (const std::shared_ptr<Graph>& graph : graphs) {
    run_detached([graph, progress] {
      gst_element_set_state(graph->pipeline_, GST_STATE_NULL);
      std::lock_guard<std::mutex> lock(progress->mutex);
      --progress->left;
      progress->changed.notify_one();
    });
  }
  std::unique_lock<std::mutex> lock(progress->mutex);
  progress->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return progress->left == 0; });
}

}  // namespace diptych
