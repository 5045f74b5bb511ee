#include <gio/gio.h>
#include <gst/gst.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/detached_thread.hpp"
#include "gst/branches.hpp"
#include "gst/clock.hpp"
#include "gst/connected_socket.hpp"
#include "gst/cut_packets.hpp"
#include "gst/decode_damage.hpp"
#include "gst/fast_start.hpp"
#include "gst/keyframe_requests.hpp"
#include "gst/orientation_tags.hpp"
#include "gst/graph.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/bus_message.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/mailbox.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

Napi::Value now_ms(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), to_ms(shared_now())); }

void attach_graph(const Napi::CallbackInfo& info) {
  const std::string id = string_argument(info[0], "graphId");
  const Napi::Function on_message = function_argument(info[1], "onMessage");
  if (Graph::find(id) != nullptr) throw wrong_argument(info.Env(), "graphId", "a graph not yet attached", info[0]);
  const auto mailbox = Mailbox::of(info.Env());
  const auto callback = mailbox->keep(on_message);
  const auto graph = Graph::attach(id, [mailbox, callback](const BusEvent& event) {
    mailbox->post([mailbox, callback, event](Napi::Env env) {
      mailbox->call(env, callback, [&] { return describe_event(env, event); });
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

Napi::Value close_graph(const Napi::CallbackInfo& info) {
  const std::string id = string_argument(info[0], "graphId");
  const std::shared_ptr<Graph> graph = Graph::find(id);
  if (graph == nullptr) {
    if (!Graph::discard(id)) throw wrong_argument(info.Env(), "graphId", "the id of a living graph", info[0]);
    const Deferred done(info.Env());
    done.resolve(info.Env(), info.Env().Undefined());
    return done.promise(info.Env());
  }
  for (const ElementPtr& element : element_registry::of_graph(id)) {
    if (const auto port = sink_port_of(element.get())) port->silence();
  }
  return answer_later(info.Env(), [graph]() -> Answer {
    graph->shut_down();
    return resolve_undefined;
  });
}

Napi::Value rewind_graph(const Napi::CallbackInfo& info) {
  return answer_later(info.Env(), [graph = graph_argument(info[0])]() -> Answer {
    if (!graph->rewind()) throw std::runtime_error("graphId: expected a graph that can seek");
    return resolve_undefined;
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
  const auto callback = mailbox->keep(on_branch);
  Branches::watch(source.get(), std::move(branches), [mailbox, callback](const std::string& element, const std::string& caps) {
    mailbox->post([mailbox, callback, element, caps](Napi::Env env) {
      mailbox->call(env, callback, [&]() -> napi_value {
        if (caps.empty()) return env.Undefined();
        Napi::Object pad = Napi::Object::New(env);
        if (!element.empty()) pad["element"] = Napi::String::New(env, element);
        pad["caps"] = Napi::String::New(env, caps);
        return pad;
      });
    });
  });
}

Napi::Value damaged_pictures(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  return Napi::Number::New(info.Env(), static_cast<double>(diptych::damaged_pictures(element.get())));
}

Napi::Value keyframe_requests(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  return Napi::Number::New(info.Env(), static_cast<double>(diptych::keyframe_requests(element.get())));
}

NalCodec codec_argument(Napi::Value value) {
  const std::string codec = string_argument(value, "codec");
  if (codec != "h264" && codec != "h265") throw wrong_argument(value.Env(), "codec", "h264 or h265", value);
  return codec == "h264" ? NalCodec::h264 : NalCodec::h265;
}

Napi::Value tag_orientation(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  return Napi::String::New(info.Env(), diptych::tag_orientation(element.get(), codec_argument(info[2])));
}

Napi::Value cut_packets(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  const uint64_t cut = diptych::cut_packets(element.get(), codec_argument(info[2]));
  return Napi::Number::New(info.Env(), static_cast<double>(cut));
}

Napi::Value connect_socket(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  if (!takes_socket(element.get())) throw wrong_argument(info.Env(), "element", "the name of a udpsrc", info[1]);
  const std::string host = string_argument(info[2], "host");
  if (!g_hostname_is_ip_address(host.c_str())) throw wrong_argument(info.Env(), "host", "an IP address", info[2]);
  const auto port = static_cast<uint16_t>(whole_argument(info[3], "port", 1, UINT16_MAX));
  try {
    return Napi::Number::New(info.Env(), diptych::connect_socket(element.get(), host, port));
  } catch (const std::runtime_error& failure) {
    throw Napi::Error::New(info.Env(), failure.what());
  }
}

void start_after_packets(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  if (!GST_IS_BIN(element.get())) throw wrong_argument(info.Env(), "element", "the name of a bin", info[1]);
  const auto packets = static_cast<guint>(whole_argument(info[2], "packets", 1, UINT16_MAX));
  diptych::start_after_packets(GST_BIN(element.get()), packets);
}

Napi::Value media_duration_ms(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  gint64 duration = 0;
  const bool known = gst_element_query_duration(element.get(), GST_FORMAT_TIME, &duration) && duration > 0;
  return known ? Napi::Number::New(info.Env(), static_cast<double>(duration) / GST_MSECOND) : info.Env().Undefined();
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

}  // namespace

void register_graphs(Napi::Env env, Napi::Object exports) {
  exports["nowMs"] = Napi::Function::New<now_ms>(env, "nowMs");
  exports["attachGraph"] = Napi::Function::New<attach_graph>(env, "attachGraph");
  exports["sendEos"] = Napi::Function::New<send_eos>(env, "sendEos");
  exports["closeGraph"] = Napi::Function::New<close_graph>(env, "closeGraph");
  exports["rewindGraph"] = Napi::Function::New<rewind_graph>(env, "rewindGraph");
  exports["linkBranches"] = Napi::Function::New<link_branches>(env, "linkBranches");
  exports["keyframeRequests"] = Napi::Function::New<keyframe_requests>(env, "keyframeRequests");
  exports["damagedPictures"] = Napi::Function::New<damaged_pictures>(env, "damagedPictures");
  exports["tagOrientation"] = Napi::Function::New<tag_orientation>(env, "tagOrientation");
  exports["connectSocket"] = Napi::Function::New<connect_socket>(env, "connectSocket");
  exports["cutPackets"] = Napi::Function::New<cut_packets>(env, "cutPackets");
  exports["startAfterPackets"] = Napi::Function::New<start_after_packets>(env, "startAfterPackets");
  exports["mediaDurationMs"] = Napi::Function::New<media_duration_ms>(env, "mediaDurationMs");
  exports["graphElements"] = Napi::Function::New<graph_elements>(env, "graphElements");
}

}  // namespace diptych
