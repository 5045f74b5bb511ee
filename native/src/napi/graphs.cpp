#include <gst/video/video.h>

#include <cstdlib>
#include <unordered_map>

#include "cuda/memory.hpp"
#include "gst/branches.hpp"
#include "gst/clock.hpp"
#include "gst/elements.hpp"
#include "gst/graph.hpp"
#include "gst/property.hpp"
#include "napi/arguments.hpp"
#include "napi/mailbox.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

// How long the end of the process waits for graphs to stop.
constexpr unsigned kExitTimeoutMs = 500;
// Frames handed out before other letters get their turn.
constexpr unsigned kFramesPerTurn = 8;

std::shared_ptr<Graph> graph_argument(Napi::Value value) {
  const std::string id = string_argument(value, "graphId");
  std::shared_ptr<Graph> graph = Graph::find(id);
  if (graph == nullptr) throw wrong_argument(value.Env(), "graphId", "the id of an attached graph", value);
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

const char* type_name(BusEvent::Type type) {
  switch (type) {
    case BusEvent::Type::error:
      return "error";
    case BusEvent::Type::warning:
      return "warning";
    case BusEvent::Type::eos:
      return "eos";
    case BusEvent::Type::latency:
      return "latency";
    case BusEvent::Type::state:
      return "state";
    case BusEvent::Type::tags:
      return "tags";
  }
  return "";
}

Napi::Value describe_event(Napi::Env env, const BusEvent& event) {
  Napi::Object message = Napi::Object::New(env);
  message["type"] = Napi::String::New(env, type_name(event.type));
  switch (event.type) {
    case BusEvent::Type::error:
    case BusEvent::Type::warning:
      message["domain"] = Napi::String::New(env, event.domain);
      message["code"] = Napi::Number::New(env, event.code);
      message["element"] = Napi::String::New(env, event.element);
      message["text"] = Napi::String::New(env, event.text);
      message["debug"] = Napi::String::New(env, event.debug);
      break;
    case BusEvent::Type::state:
      message["from"] = Napi::String::New(env, event.from);
      message["to"] = Napi::String::New(env, event.to);
      break;
    case BusEvent::Type::tags: {
      Napi::Object tags = Napi::Object::New(env);
      for (const auto& [tag, text] : event.tags) tags[tag] = Napi::String::New(env, text);
      message["element"] = Napi::String::New(env, event.element);
      message["tags"] = tags;
      break;
    }
    case BusEvent::Type::eos:
    case BusEvent::Type::latency:
      break;
  }
  return message;
}

Napi::Value now_ms(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), to_ms(shared_now())); }

// The callback is forgotten when nothing can call it any more.
std::shared_ptr<Mailbox::CallbackId> keep_callback(const std::shared_ptr<Mailbox>& mailbox, const Napi::Function& callback) {
  return std::shared_ptr<Mailbox::CallbackId>(new Mailbox::CallbackId(mailbox->keep(callback)),
                                              [mailbox](Mailbox::CallbackId* id) {
                                                mailbox->post([mailbox, id = *id](Napi::Env) { mailbox->forget(id); });
                                                delete id;
                                              });
}

void attach_graph(const Napi::CallbackInfo& info) {
  const std::string id = string_argument(info[0], "graphId");
  const Napi::Function on_message = function_argument(info[1], "onMessage");
  if (Graph::find(id) != nullptr) throw wrong_argument(info.Env(), "graphId", "a graph not yet attached", info[0]);
  const auto mailbox = Mailbox::of(info.Env());
  const auto callback = keep_callback(mailbox, on_message);
  const auto graph = Graph::attach(id, [mailbox, callback](const BusEvent& event) {
    mailbox->post([mailbox, callback, event](Napi::Env env) {
      mailbox->call(env, *callback, [&] { return describe_event(env, event); });
    });
  });
  if (graph == nullptr) {
    throw wrong_argument(info.Env(), "graphId", "the id that a diptychsink or diptychsrc of a living pipeline carries",
                         info[0]);
  }
}

void send_eos(const Napi::CallbackInfo& info) {
  run_detached([graph = graph_argument(info[0])] { graph->send_eos(); });
}

// Runs `work` on another thread and settles a promise with what it gives: undefined where that
// is empty, else an Error with that text.
Napi::Value in_background(Napi::Env env, std::function<std::string()> work) {
  auto mailbox = Mailbox::of(env);
  const auto deferred = std::make_shared<Napi::Promise::Deferred>(env);
  mailbox->begin_wait(env);
  run_detached([mailbox, deferred, work = std::move(work)] {
    const std::string problem = work();
    mailbox->post([mailbox, deferred, problem](Napi::Env env) {
      mailbox->end_wait(env);
      if (problem.empty()) {
        deferred->Resolve(env.Undefined());
      } else {
        deferred->Reject(Napi::Error::New(env, problem).Value());
      }
    });
  });
  return deferred->Promise();
}

Napi::Value close_graph(const Napi::CallbackInfo& info) {
  const std::string id = string_argument(info[0], "graphId");
  const std::shared_ptr<Graph> graph = Graph::find(id);
  if (graph == nullptr) {
    if (!Graph::discard(id)) throw wrong_argument(info.Env(), "graphId", "the id of a living graph", info[0]);
    const auto done = Napi::Promise::Deferred::New(info.Env());
    done.Resolve(info.Env().Undefined());
    return done.Promise();
  }

  for (const ElementPtr& element : element_registry::of_graph(id)) {
    if (const auto port = sink_port_of(element.get())) port->silence();
  }
  return in_background(info.Env(), [graph] {
    graph->shut_down();
    return std::string();
  });
}

Napi::Value rewind_graph(const Napi::CallbackInfo& info) {
  return in_background(info.Env(), [graph = graph_argument(info[0])] {
    return graph->rewind() ? std::string() : std::string("graphId: expected a graph that can seek");
  });
}

void link_branches(const Napi::CallbackInfo& info) {
  const auto graph = graph_argument(info[0]);
  const ElementPtr source = graph->element(string_argument(info[1], "source"));
  if (source == nullptr) throw wrong_argument(info.Env(), "source", "the name of an element of the graph", info[1]);
  const Napi::Object wanted = object_argument(info[2], "branches");
  const Napi::Function on_branch = function_argument(info[3], "onBranch");
  std::vector<Branches::Branch> branches;
  const Napi::Array names = wanted.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    ElementPtr element = graph->element(name);
    GstCaps* caps = gst_caps_from_string(string_argument(wanted.Get(name), "branches." + name).c_str());
    if (element == nullptr || caps == nullptr) {
      gst_clear_caps(&caps);
      for (Branches::Branch& branch : branches) gst_caps_unref(branch.caps);
      throw wrong_argument(info.Env(), "branches." + name, "caps for an element of the graph", wanted.Get(name));
    }
    branches.push_back({std::move(element), caps});
  }
  const auto mailbox = Mailbox::of(info.Env());
  const auto callback = keep_callback(mailbox, on_branch);
  Branches::watch(source.get(), std::move(branches), [mailbox, callback](const std::string& element) {
    mailbox->post([mailbox, callback, element](Napi::Env env) {
      mailbox->call(env, *callback, [&]() -> napi_value {
        if (element.empty()) return env.Undefined();
        return Napi::String::New(env, element);
      });
    });
  });
}

Napi::Value graph_elements(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array list = Napi::Array::New(env);
  for (const ElementName& element : graph_argument(info[0])->elements()) {
    Napi::Object entry = Napi::Object::New(env);
    entry["name"] = Napi::String::New(env, element.name);
    entry["factory"] = Napi::String::New(env, element.factory);
    list.Set(list.Length(), entry);
  }
  return list;
}

ElementPtr child_argument(Napi::Value graph_id, Napi::Value name) {
  ElementPtr element = graph_argument(graph_id)->element(string_argument(name, "element"));
  if (element == nullptr) throw wrong_argument(name.Env(), "element", "the name of an element of the graph", name);
  return element;
}

void set_element_property(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  const std::string name = string_argument(info[2], "property");
  PropertyValue value;
  if (info[3].IsBoolean()) {
    value = info[3].As<Napi::Boolean>().Value();
  } else if (info[3].IsNumber()) {
    value = info[3].As<Napi::Number>().DoubleValue();
  } else {
    value = string_argument(info[3], "value");
  }
  const std::string expected = set_property(element.get(), name, value);
  if (!expected.empty()) throw wrong_argument(info.Env(), name, expected, info[3]);
}

Napi::Value get_element_property(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ElementPtr element = child_argument(info[0], info[1]);
  PropertyValue value;
  if (!get_property(element.get(), string_argument(info[2], "property"), &value)) {
    throw wrong_argument(env, "property", "a property that can be read", info[2]);
  }
  if (const bool* flag = std::get_if<bool>(&value)) return Napi::Boolean::New(env, *flag);
  if (const double* number = std::get_if<double>(&value)) return Napi::Number::New(env, *number);
  if (const std::string* text = std::get_if<std::string>(&value)) return Napi::String::New(env, *text);
  return env.Null();
}

Napi::Value element_info(const Napi::CallbackInfo& info) {
  const std::string name = string_argument(info[0], "factory");
  GstElementFactory* factory = gst_element_factory_find(name.c_str());
  Napi::Object result = Napi::Object::New(info.Env());
  result["exists"] = Napi::Boolean::New(info.Env(), factory != nullptr);
  result["rank"] =
      Napi::Number::New(info.Env(), factory == nullptr ? 0 : gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)));
  gst_clear_object(&factory);
  return result;
}

// Gives waiting frames to JavaScript. Posts itself again rather than hold up other letters.
void hand_out(Napi::Env env, const std::shared_ptr<Mailbox>& mailbox, const std::shared_ptr<Mailbox::CallbackId>& callback,
              const std::weak_ptr<SinkPort>& weak_port) {
  const auto port = weak_port.lock();
  if (port == nullptr) return;
  for (unsigned i = 0; i < kFramesPerTurn; ++i) {
    FramePtr frame = port->take();
    if (frame == nullptr) return;
    mailbox->call(env, *callback, [&] {
      const uint32_t handle = FrameStore::instance().add(frame);
      return describe_frame(env, handle, *frame);
    });
  }
  mailbox->post([=](Napi::Env env) { hand_out(env, mailbox, callback, weak_port); });
}

void on_frames(const Napi::CallbackInfo& info) {
  const auto port = sink_argument(info[0], info[1]);
  const Napi::Function on_frame = function_argument(info[2], "onFrame");
  const auto mailbox = Mailbox::of(info.Env());
  const auto callback = keep_callback(mailbox, on_frame);
  port->listen([mailbox, callback, weak_port = std::weak_ptr<SinkPort>(port)] {
    return mailbox->post([=](Napi::Env env) { hand_out(env, mailbox, callback, weak_port); });
  });
}

void off_frames(const Napi::CallbackInfo& info) { sink_argument(info[0], info[1])->silence(); }

Napi::Value sink_stats(const Napi::CallbackInfo& info) {
  const SinkPort::Stats stats = sink_argument(info[0], info[1])->stats();
  Napi::Object result = Napi::Object::New(info.Env());
  result["received"] = Napi::Number::New(info.Env(), static_cast<double>(stats.received));
  result["dropped"] = Napi::Number::New(info.Env(), static_cast<double>(stats.dropped));
  result["bytes"] = Napi::Number::New(info.Env(), static_cast<double>(stats.bytes));
  if (GST_CLOCK_TIME_IS_VALID(stats.last_pts)) {
    result["lastPtsMs"] = Napi::Number::New(info.Env(), to_ms(stats.last_pts));
    result["lastArrivedMs"] = Napi::Number::New(info.Env(), to_ms(stats.last_arrived));
  }
  return result;
}

Napi::Value source_stats(const Napi::CallbackInfo& info) {
  const SourcePort::Stats stats = source_argument(info[0], info[1])->stats();
  Napi::Object result = Napi::Object::New(info.Env());
  result["pushed"] = Napi::Number::New(info.Env(), static_cast<double>(stats.pushed));
  result["bytes"] = Napi::Number::New(info.Env(), static_cast<double>(stats.bytes));
  result["dropped"] = Napi::Number::New(info.Env(), static_cast<double>(stats.dropped));
  result["queuedMs"] = Napi::Number::New(info.Env(), to_ms(stats.queued));
  return result;
}

GstCaps* caps_of(const VideoFrame& frame) {
  GstVideoInfo video = frame.info();
  GstCaps* caps = gst_video_info_to_caps(&video);
  if (cuda::is_memory_of_gstreamer(frame.buffer())) gst_caps_set_features_simple(caps, gst_caps_features_new("memory:CUDAMemory", nullptr));
  return caps;
}

void push_frame(const Napi::CallbackInfo& info) {
  const ElementPtr element = element_argument(info[0], info[1]);
  const auto port = source_argument(info[0], info[1]);
  const FramePtr frame = frame_argument(info[2], "handle");
  const double pts_ms = number_argument(info[3], "ptsMs");

  GstBuffer* buffer = share_buffer(frame->buffer());
  GST_BUFFER_PTS(buffer) = from_ms(pts_ms);
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET(buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END(buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC | GST_BUFFER_FLAG_DELTA_UNIT);

  GstCaps* caps = fixed_caps_of(element.get());
  const bool is_fixed = caps != nullptr;
  if (!is_fixed) caps = caps_of(*frame);
  GST_BUFFER_DURATION(buffer) = frame_duration(caps);
  port->offer(buffer, is_fixed ? nullptr : caps, max_queue_of(element.get()), SourcePort::Overflow::drop_oldest);
  gst_caps_unref(caps);
}

void end_source(const Napi::CallbackInfo& info) { source_argument(info[0], info[1])->end(); }

void force_key_unit(const Napi::CallbackInfo& info) {
  source_argument(info[0], info[1])
      ->send(gst_video_event_new_downstream_force_key_unit(GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                                           TRUE, 0));
}

std::shared_ptr<SinkPort> link_from(Napi::Value end, const char* name = "from") {
  const Napi::Object tap = object_argument(end, name);
  return sink_argument(tap.Get("graphId"), tap.Get("element"));
}

std::shared_ptr<SourcePort> link_to(Napi::Value end) {
  const Napi::Object to = object_argument(end, "to");
  return source_argument(to.Get("graphId"), to.Get("element"));
}

void link(const Napi::CallbackInfo& info) {
  const auto from = link_from(info[0]);
  const auto to = link_to(info[1]);
  const Napi::Object options = object_argument(info[2], "options");
  from->link(to, {from_ms(number_argument(options.Get("maxQueueMs"), "options.maxQueueMs")),
                  boolean_argument(options.Get("startOnKeyframe"), "options.startOnKeyframe")});
}

void unlink(const Napi::CallbackInfo& info) { link_from(info[0])->unlink(link_to(info[1])); }

void move_links(const Napi::CallbackInfo& info) {
  const auto from = link_from(info[0]);
  const auto to = link_from(info[1], "to");
  from->move_links(to.get());
}

void set_up_process() {
  static const bool is_set_up = [] {
    shared_base_time();
    register_elements();
    // Streaming threads must find neither JavaScript nor, as far as possible, each other's
    // libraries gone while exit() takes the process apart.
    std::atexit([] {
      Mailbox::close_all();
      Graph::stop_all(kExitTimeoutMs);
    });
    return true;
  }();
  static_cast<void>(is_set_up);
}

}  // namespace

void register_graphs(Napi::Env env, Napi::Object exports) {
  set_up_process();
  Mailbox::open(env);
  exports["nowMs"] = Napi::Function::New<now_ms>(env, "nowMs");
  exports["attachGraph"] = Napi::Function::New<attach_graph>(env, "attachGraph");
  exports["sendEos"] = Napi::Function::New<send_eos>(env, "sendEos");
  exports["closeGraph"] = Napi::Function::New<close_graph>(env, "closeGraph");
  exports["rewindGraph"] = Napi::Function::New<rewind_graph>(env, "rewindGraph");
  exports["linkBranches"] = Napi::Function::New<link_branches>(env, "linkBranches");
  exports["graphElements"] = Napi::Function::New<graph_elements>(env, "graphElements");
  exports["setProperty"] = Napi::Function::New<set_element_property>(env, "setProperty");
  exports["getProperty"] = Napi::Function::New<get_element_property>(env, "getProperty");
  exports["elementInfo"] = Napi::Function::New<element_info>(env, "elementInfo");
  exports["onFrames"] = Napi::Function::New<on_frames>(env, "onFrames");
  exports["offFrames"] = Napi::Function::New<off_frames>(env, "offFrames");
  exports["sinkStats"] = Napi::Function::New<sink_stats>(env, "sinkStats");
  exports["pushFrame"] = Napi::Function::New<push_frame>(env, "pushFrame");
  exports["endSource"] = Napi::Function::New<end_source>(env, "endSource");
  exports["forceKeyUnit"] = Napi::Function::New<force_key_unit>(env, "forceKeyUnit");
  exports["sourceStats"] = Napi::Function::New<source_stats>(env, "sourceStats");
  exports["link"] = Napi::Function::New<link>(env, "link");
  exports["unlink"] = Napi::Function::New<unlink>(env, "unlink");
  exports["moveLinks"] = Napi::Function::New<move_links>(env, "moveLinks");
}

}  // namespace diptych
