#include "gst/socket_limit.hpp"

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace diptych {

namespace {

// What may wait beside what is on its way: a sixth of a second at 3 Mbit/s.
// More adds delay on a slow network, less makes the sender wake up more often.
constexpr gint kMostUnsentBytes = 64 * 1024;

// Parameters of GSocketClient::event: the client, what happened, the address, the connection.
gboolean on_client_event(GSignalInvocationHint*, guint count, const GValue* values, gpointer) {
  if (count < 4 || g_value_get_enum(&values[1]) != G_SOCKET_CLIENT_CONNECTED) return TRUE;
  const gpointer connection = g_value_get_object(&values[3]);
  if (connection == nullptr || !G_IS_TCP_CONNECTION(connection)) return TRUE;
  GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection));
  // Where the system does not know the option, it buffers as it likes.
  g_socket_set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsentBytes, nullptr);
  return TRUE;
}

}  // namespace

void limit_unsent_bytes() {
  static const gulong hook = [] {
    // The class must be there before its signals are, and stays.
    g_type_class_ref(G_TYPE_SOCKET_CLIENT);
    return g_signal_add_emission_hook(g_signal_lookup("event", G_TYPE_SOCKET_CLIENT), 0, on_client_event, nullptr,
                                      nullptr);
  }();
  static_cast<void>(hook);
}

}  // namespace diptych
