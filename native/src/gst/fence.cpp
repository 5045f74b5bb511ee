#include "gst/fence.hpp"

#include <gio/gio.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "core/deadline_file.hpp"
#include "core/detached_thread.hpp"

namespace diptych {

namespace {

// How often the deadline is looked at where no buffer comes.
constexpr auto kWatchInterval = std::chrono::milliseconds(10);

// Lives as long as the process.
std::atomic<DeadlineFile*> fence{nullptr};

struct Output {
  GWeakRef element;
  FencedOutput kind;

  Output(GstElement* owner, FencedOutput output) : kind(output) { g_weak_ref_init(&element, owner); }
  ~Output() { g_weak_ref_clear(&element); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
};

struct Connection {
  GWeakRef socket;

  explicit Connection(GSocket* owner) { g_weak_ref_init(&socket, owner); }
  ~Connection() { g_weak_ref_clear(&socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
};

// Guards what follows; held for short, and never while GStreamer is called.
std::mutex outputs_mutex;
std::list<Output> outputs;
std::list<Connection> connections;
// Servers that outputs connect to, as GLib names them.
std::vector<std::pair<std::string, guint16>> servers;

GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo*, gpointer) {
  return is_fence_past() ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

// Resets a TCP connection and forgets what was not sent: connecting to no address does that (Linux).
void cut(GSocket* socket) {
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  connect(g_socket_get_fd(socket), &nobody, sizeof(nobody));
}

void end_output(GstElement* element, FencedOutput kind) {
  GST_ELEMENT_ERROR(element, RESOURCE, CLOSE, ("fenced: the lease of this host was not renewed in time"), (nullptr));
  if (kind == FencedOutput::connection) {
    // Its graph must not start it again.
    gst_element_set_locked_state(element, TRUE);
    gst_element_set_state(element, GST_STATE_NULL);
  }
  gst_object_unref(element);
}

// Takes all that is there; what is begun later and past the deadline is taken the next time.
void end_all() {
  std::vector<GSocket*> sockets;
  std::vector<std::pair<GstElement*, FencedOutput>> ending;
  {
    const std::lock_guard<std::mutex> lock(outputs_mutex);
    for (Connection& connection : connections) {
      if (gpointer socket = g_weak_ref_get(&connection.socket)) sockets.push_back(G_SOCKET(socket));
    }
    connections.clear();
    for (Output& output : outputs) {
      if (gpointer element = g_weak_ref_get(&output.element)) ending.emplace_back(GST_ELEMENT(element), output.kind);
    }
    outputs.clear();
  }
  for (GSocket* socket : sockets) {
    cut(socket);
    g_object_unref(socket);
  }
  // Ending one may wait for its thread; the others do not wait for it.
  for (const auto& [element, kind] : ending) run_detached([element = element, kind = kind] { end_output(element, kind); });
}

template <typename List, typename IsGone>
void forget(List& list, IsGone is_gone) {
  for (auto it = list.begin(); it != list.end();) it = is_gone(*it) ? list.erase(it) : std::next(it);
}

bool is_gone(GWeakRef& reference) {
  gpointer object = g_weak_ref_get(&reference);
  if (object == nullptr) return true;
  g_object_unref(object);
  return false;
}

void watch() {
  for (;;) {
    std::this_thread::sleep_for(kWatchInterval);
    if (is_fence_past()) end_all();
  }
}

// Parameters of GSocketClient::event: the client, what happened, the address, the connection.
gboolean on_client_event(GSignalInvocationHint*, guint count, const GValue* values, gpointer) {
  if (count < 4 || g_value_get_enum(&values[1]) != G_SOCKET_CLIENT_CONNECTED) return TRUE;
  const gpointer address = g_value_get_object(&values[2]);
  const gpointer connection = g_value_get_object(&values[3]);
  if (!G_IS_NETWORK_ADDRESS(address) || connection == nullptr || !G_IS_TCP_CONNECTION(connection)) return TRUE;
  const std::pair<std::string, guint16> server(g_network_address_get_hostname(G_NETWORK_ADDRESS(address)),
                                               g_network_address_get_port(G_NETWORK_ADDRESS(address)));
  const std::lock_guard<std::mutex> lock(outputs_mutex);
  if (std::find(servers.begin(), servers.end(), server) == servers.end()) return TRUE;
  forget(connections, [](Connection& one) { return is_gone(one.socket); });
  connections.emplace_back(g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection)));
  return TRUE;
}

// The server of an element that has one.
void remember_server(GstElement* element) {
  GObjectClass* klass = G_OBJECT_GET_CLASS(element);
  if (g_object_class_find_property(klass, "host") == nullptr || g_object_class_find_property(klass, "port") == nullptr) {
    return;
  }
  gchar* host = nullptr;
  guint port = 0;
  g_object_get(element, "host", &host, "port", &port, nullptr);
  const std::pair<std::string, guint16> server(host != nullptr ? host : "", static_cast<guint16>(port));
  g_free(host);
  if (std::find(servers.begin(), servers.end(), server) == servers.end()) servers.push_back(server);
}

}  // namespace

void open_fence(const std::string& path) {
  static std::mutex opening;
  static std::string opened;
  const std::lock_guard<std::mutex> lock(opening);
  if (opened == path) return;
  if (!opened.empty()) throw std::runtime_error("there is a fence already: " + opened);
  fence = new DeadlineFile(path);
  opened = path;
  g_type_class_ref(G_TYPE_SOCKET_CLIENT);
  g_signal_add_emission_hook(g_signal_lookup("event", G_TYPE_SOCKET_CLIENT), 0, on_client_event, nullptr, nullptr);
  run_detached(watch);
}

bool is_fence_past() {
  DeadlineFile* file = fence;
  return file != nullptr && file->is_past();
}

void fence_output(GstElement* element, const std::string& pad_name, FencedOutput output) {
  if (fence == nullptr) return;
  GstPad* pad = gst_element_get_static_pad(element, pad_name.c_str());
  if (pad == nullptr) throw std::runtime_error("pad: expected the name of a pad of the element, got \"" + pad_name + "\"");
  constexpr auto kBuffers = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(pad, kBuffers, on_buffer, nullptr, nullptr);
  gst_object_unref(pad);
  const std::lock_guard<std::mutex> lock(outputs_mutex);
  forget(outputs, [](Output& one) { return is_gone(one.element); });
  if (output == FencedOutput::connection) remember_server(element);
  outputs.emplace_back(element, output);
}

}  // namespace diptych
