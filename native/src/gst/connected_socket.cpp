#include "gst/connected_socket.hpp"

#include <gio/gio.h>

#include <memory>
#include <stdexcept>

namespace diptych {

namespace {

template <typename Object>
using ObjectPtr = std::unique_ptr<Object, decltype(&g_object_unref)>;

template <typename Object>
ObjectPtr<Object> own(Object* object) {
  return {object, g_object_unref};
}

[[noreturn]] void fail(GError* error) {
  const std::string text = error->message;
  g_error_free(error);
  throw std::runtime_error("the UDP socket could not be opened: " + text);
}

}  // namespace

bool takes_socket(GstElement* element) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "socket");
  return spec != nullptr && spec->value_type == G_TYPE_SOCKET && (spec->flags & G_PARAM_WRITABLE) != 0;
}

uint16_t connect_socket(GstElement* element, const std::string& host, uint16_t port) {
  const auto address = own(g_inet_socket_address_new_from_string(host.c_str(), port));
  GError* error = nullptr;
  GSocket* opened = g_socket_new(g_socket_address_get_family(address.get()), G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_UDP, &error);
  if (opened == nullptr) fail(error);
  const auto socket = own(opened);
  // Connecting chooses the own port as well, so there is no moment at which everybody may send to it.
  if (!g_socket_connect(socket.get(), address.get(), nullptr, &error)) fail(error);
  GSocketAddress* chosen = g_socket_get_local_address(socket.get(), &error);
  if (chosen == nullptr) fail(error);
  const auto local = own(chosen);
  g_object_set(element, "socket", socket.get(), nullptr);
  return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local.get()));
}

}  // namespace diptych
