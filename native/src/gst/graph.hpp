#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gst/elements.hpp"

namespace diptych {

// A message of a graph's bus, as plain data; which fields are set depends on the type.
struct BusEvent {
  // As BusMessage of src/stream/native/types.ts.
  enum class Type { error, warning, eos, latency, state, tags, segment };
  Type type = Type::eos;
  // Of an error or a warning: GStreamer's domain and code.
  std::string domain;
  int code = 0;
  // Name of the element that posted it: errors, warnings, tags.
  std::string element;
  // Of an error or a warning, for users and for developers.
  std::string text;
  std::string debug;
  // Of a state: GStreamer's names in lower case.
  std::string from;
  std::string to;
  // Of a segment: its file, whether it was begun or is complete, and the running time of that.
  std::string location;
  bool is_complete = false;
  GstClockTime running_time = GST_CLOCK_TIME_NONE;
  // Name and text of each.
  std::vector<std::pair<std::string, std::string>> tags;
};

// An element of a graph and the factory that made it; empty where there was none.
struct ElementName {
  std::string name;
  std::string factory;
};

// A pipeline that gstreamer-superficial built, and that this owns from `attach` to `shut_down`.
class Graph : public std::enable_shared_from_this<Graph> {
 public:
  // Called on the thread that posts the message, which may hold locks of GStreamer: it must not wait.
  using Listener = std::function<void(const BusEvent&)>;

  // Null where no pipeline holds an element of this graph, or it is attached already.
  static std::shared_ptr<Graph> attach(const std::string& id, Listener on_event);
  // Frees what a launch string that failed half way left behind: never attached, never played,
  // and held by its builder alone. False where there is nothing.
  static bool discard(const std::string& id);
  // Null where it was not attached, or is shut down.
  static std::shared_ptr<Graph> find(const std::string& id);
  // Stops every graph and waits for that, at most `timeout_ms`: for the end of the process.
  static void stop_all(unsigned timeout_ms);

  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // All of them, those in bins too.
  std::vector<ElementName> elements() const;
  // Null where there is none of that name.
  ElementPtr element(const std::string& name) const;

  // These may wait for the graph: never on a thread that must not wait.
  void send_eos();
  // Plays from the beginning; false where the graph can't seek, or is shut down.
  bool rewind();
  // Stops the graph and gives back, besides our own, the reference its builder holds.
  void shut_down();

 private:
  Graph(std::string id, ElementPtr pipeline, Listener on_event);
  // False where the graph is shut down: it must not start again.
  bool set_state(GstState state);
  void watch_bus();
  void use_shared_time();
  void on_message(GstMessage* message);

  const std::string id_;
  const ElementPtr own_reference_;
  GstElement* const pipeline_;
  const Listener on_event_;
  std::mutex state_mutex_;
  std::atomic<bool> is_shut_down_{false};
  std::atomic<bool> recalculates_latency_{false};
};

}  // namespace diptych
