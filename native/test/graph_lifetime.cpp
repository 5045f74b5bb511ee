// The life of graphs, frames and links without JavaScript and without a GPU: core and gst alone, so
// that it does not link where one of them needs cuda. test/integration/native/graph-lifetime.test.ts
// builds and runs it. By hand, with a memory checker (from native/; the argument is the number of
// rounds, and what the process holds must not depend on it):
//
//   flags="$(pkg-config --cflags --libs gstreamer-1.0 gstreamer-base-1.0 gstreamer-video-1.0) -pthread -ldl"
//   core="src/core/frame_store.cpp src/core/device_memory.cpp"
//   g++ -std=c++17 -g -O1 -Isrc test/graph_lifetime.cpp src/gst/*.cpp src/gst/nvmm/*.cpp $core $flags -o build/graph_lifetime
//   G_SLICE=always-malloc valgrind --leak-check=full --errors-for-leak-kinds=definite
//     --suppressions=test/gstreamer.supp --error-exitcode=1 build/graph_lifetime 5
//
// Exits with 1 where something is not as expected.
#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/frame_store.hpp"
#include "gst/clock.hpp"
#include "gst/elements.hpp"
#include "gst/graph.hpp"
#include "gst/property.hpp"

using namespace diptych;

namespace {

void check(bool is_true, const char* what) {
  if (is_true) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

template <typename Condition>
void wait_until(Condition is_met, const char* what) {
  for (int i = 0; i < 3000 && !is_met(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  check(is_met(), what);
}

// As gstreamer-superficial builds a graph: the one reference it holds is never given back.
std::shared_ptr<Graph> build(const std::string& id, std::string text, Graph::Listener on_event) {
  for (size_t at; (at = text.find("{graph}")) != std::string::npos;) text.replace(at, 7, id);
  GError* error = nullptr;
  gst_parse_launch(text.c_str(), &error);
  const bool is_broken = error != nullptr;
  g_clear_error(&error);
  return is_broken ? nullptr : Graph::attach(id, std::move(on_event));
}

void play(const std::shared_ptr<Graph>& graph, const std::string& element) {
  GstObject* top = GST_OBJECT(gst_object_ref(graph->element(element).get()));
  while (GstObject* parent = gst_object_get_parent(top)) {
    gst_object_unref(top);
    top = parent;
  }
  gst_element_set_state(GST_ELEMENT(top), GST_STATE_PLAYING);
  gst_object_unref(top);
}

// A camera whose frames are pushed into an encoder that is linked to a decoder.
void stream(const std::string& round) {
  std::atomic<int> events{0};
  const Graph::Listener count = [&events](const BusEvent&) { ++events; };
  const auto camera = build("camera" + round,
                            "videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48,framerate=30/1 ! "
                            "diptychsink name=s graph={graph}",
                            count);
  const auto encoder = build("encoder" + round,
                             "diptychsrc name=in graph={graph} caps=video/x-raw,format=I420,width=64,height=48,framerate=30/1 ! "
                             "x264enc tune=zerolatency threads=1 ! h264parse ! diptychsink name=s graph={graph}",
                             count);
  const auto decoder = build("decoder" + round,
                             "diptychsrc name=in graph={graph} ! h264parse ! avdec_h264 max-threads=1 ! "
                             "diptychsink name=s graph={graph}",
                             count);
  check(camera != nullptr && encoder != nullptr && decoder != nullptr, "three graphs");

  const auto cameraSink = sink_port_of(camera->element("s").get());
  const auto encoderSource = source_port_of(encoder->element("in").get());
  const auto encoderSink = sink_port_of(encoder->element("s").get());
  const auto decoderSource = source_port_of(decoder->element("in").get());
  const auto decoderSink = sink_port_of(decoder->element("s").get());
  encoderSink->link(decoderSource, {GST_SECOND, true});

  std::atomic<bool> captured{false};
  std::atomic<bool> decoded{false};
  cameraSink->listen([&] { return captured = true; });
  decoderSink->listen([&] { return decoded = true; });
  play(decoder, "s");
  play(encoder, "s");
  play(camera, "s");

  for (int frames = 0; frames < 5;) {
    wait_until([&] { return captured || decoded; }, "a frame");
    captured = false;
    while (const FramePtr frame = cameraSink->take()) {
      GstBuffer* buffer = share_buffer(frame->buffer());
      GST_BUFFER_PTS(buffer) = from_ms(frame->pts_ms());
      encoderSource->offer(buffer, nullptr, GST_SECOND, SourcePort::Overflow::drop_oldest);
    }
    decoded = false;
    while (const FramePtr frame = decoderSink->take()) {
      FrameStore::instance().release(FrameStore::instance().add(frame, nullptr));
      ++frames;
    }
  }
  check(events > 0, "messages");
  check(set_property(encoder->element("s").get(), "drop", false).empty(), "a property that is set");
  PropertyValue value;
  check(get_property(encoder->element("in").get(), "caps", &value), "a property that is read");
  check(!camera->elements().empty(), "elements");

  for (const auto& port : {cameraSink, decoderSink}) port->silence();
  for (const auto& graph : {camera, encoder, decoder}) graph->shut_down();
}

void close_a_waiting_sink(const std::string& round) {
  const auto graph = build("waiting" + round,
                           "videotestsrc ! video/x-raw,format=I420,width=64,height=48 ! queue ! "
                           "diptychsink name=s graph={graph} drop=false",
                           [](const BusEvent&) {});
  const auto port = sink_port_of(graph->element("s").get());
  std::atomic<bool> notified{false};
  port->listen([&] { return notified = true; });
  play(graph, "s");
  wait_until([&] { return notified.load(); }, "a frame that nobody takes");
  graph->shut_down();
  port->silence();
}

void build_half(const std::string& round) {
  check(build("half" + round, "videotestsrc nonsense=1 ! diptychsink graph={graph}", nullptr) == nullptr, "a refusal");
  check(Graph::discard("half" + round), "something to discard");
  check(build("alone" + round, "no-such-element ! diptychsink graph={graph}", nullptr) == nullptr, "a refusal");
  check(Graph::discard("alone" + round), "a lone element to discard");
}

void end_source(const std::string& round) {
  std::atomic<bool> ended{false};
  const auto graph = build("ended" + round, "diptychsrc name=in graph={graph} ! fakesink name=s async=false sync=false",
                           [&](const BusEvent& event) { ended = ended || event.type == BusEvent::Type::eos; });
  const auto port = source_port_of(graph->element("in").get());
  GstCaps* caps = gst_caps_new_empty_simple("application/x-test");
  for (GstClockTime pts = 0; pts < 10; ++pts) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 8, nullptr);
    GST_BUFFER_PTS(buffer) = pts * GST_SECOND;
    port->offer(buffer, caps, 4 * GST_SECOND, SourcePort::Overflow::drop_oldest);
  }
  gst_caps_unref(caps);
  port->end();
  play(graph, "s");
  wait_until([&] { return ended.load(); }, "EOS");
  graph->shut_down();
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  shared_base_time();
  register_elements();
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 3;
  for (int i = 0; i < rounds; ++i) {
    const std::string round = std::to_string(i);
    stream(round);
    close_a_waiting_sink(round);
    build_half(round);
    end_source(round);
  }
  check(FrameStore::instance().live() == 0, "no frame left");
  // Threads that recalculate a latency have their own end.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  gst_deinit();
  std::printf("%d rounds\n", rounds);
}
