#include "gst/pinned_hosts.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <mutex>
#include <optional>

// GResolver, the part of it that finds the addresses of names: GLib 2.74, gio/gresolver.h.
namespace diptych {

namespace {

struct Pin {
  uint32_t id;
  std::string name;
  std::vector<std::string> addresses;
};

std::mutex pins_mutex;
std::vector<Pin> pins;
uint32_t last_pin = 0;

// As GLib gives names to a resolver: ASCII, and here in lower case and without the last dot.
std::string normal_name(const char* name) {
  gchar* ascii = g_hostname_to_ascii(name);
  gchar* lower = g_ascii_strdown(ascii != nullptr ? ascii : name, -1);
  std::string result = lower;
  g_free(lower);
  g_free(ascii);
  if (!result.empty() && result.back() == '.') result.pop_back();
  return result;
}

std::optional<std::vector<std::string>> pinned_addresses(const char* name) {
  const std::string wanted = normal_name(name);
  const std::lock_guard<std::mutex> lock(pins_mutex);
  const auto found = std::find_if(pins.rbegin(), pins.rend(), [&](const Pin& pin) { return pin.name == wanted; });
  if (found == pins.rend()) return std::nullopt;
  return found->addresses;
}

bool is_wanted(GInetAddress* address, GResolverNameLookupFlags flags) {
  const GSocketFamily family = g_inet_address_get_family(address);
  if ((flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY) != 0) return family == G_SOCKET_FAMILY_IPV4;
  if ((flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) != 0) return family == G_SOCKET_FAMILY_IPV6;
  return true;
}

// A list of addresses, or an error where there is none.
GList* as_list(const char* name, const std::vector<std::string>& addresses, GResolverNameLookupFlags flags,
               GError** error) {
  GList* list = nullptr;
  for (const std::string& text : addresses) {
    GInetAddress* address = g_inet_address_new_from_string(text.c_str());
    if (address == nullptr) continue;
    if (is_wanted(address, flags)) {
      list = g_list_append(list, address);
    } else {
      g_object_unref(address);
    }
  }
  if (list == nullptr) g_set_error(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no address of %s", name);
  return list;
}

void free_list(gpointer list) { g_resolver_free_addresses(static_cast<GList*>(list)); }

struct PinnedResolver {
  GResolver parent;
  // Everything that is not pinned is found by it.
  GResolver* next;
};

struct PinnedResolverClass {
  GResolverClass parent;
};

G_DEFINE_TYPE(PinnedResolver, pinned_resolver, G_TYPE_RESOLVER)

GResolver* next_of(GResolver* resolver) { return reinterpret_cast<PinnedResolver*>(resolver)->next; }

GList* lookup_with_flags(GResolver* resolver, const gchar* name, GResolverNameLookupFlags flags,
                         GCancellable* cancellable, GError** error) {
  const auto pinned = pinned_addresses(name);
  if (pinned) return as_list(name, *pinned, flags, error);
  return g_resolver_lookup_by_name_with_flags(next_of(resolver), name, flags, cancellable, error);
}

GList* lookup(GResolver* resolver, const gchar* name, GCancellable* cancellable, GError** error) {
  return lookup_with_flags(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable, error);
}

// Passes on what the resolver behind this one has found.
void on_found(GObject* source, GAsyncResult* result, gpointer data) {
  GTask* task = G_TASK(data);
  GError* error = nullptr;
  GList* list = g_resolver_lookup_by_name_with_flags_finish(G_RESOLVER(source), result, &error);
  if (error != nullptr) {
    g_task_return_error(task, error);
  } else {
    g_task_return_pointer(task, list, free_list);
  }
  g_object_unref(task);
}

void lookup_with_flags_async(GResolver* resolver, const gchar* name, GResolverNameLookupFlags flags,
                             GCancellable* cancellable, GAsyncReadyCallback callback, gpointer data) {
  GTask* task = g_task_new(resolver, cancellable, callback, data);
  const auto pinned = pinned_addresses(name);
  if (!pinned) {
    g_resolver_lookup_by_name_with_flags_async(next_of(resolver), name, flags, cancellable, on_found, task);
    return;
  }
  GError* error = nullptr;
  GList* list = as_list(name, *pinned, flags, &error);
  if (error != nullptr) {
    g_task_return_error(task, error);
  } else {
    g_task_return_pointer(task, list, free_list);
  }
  g_object_unref(task);
}

void lookup_async(GResolver* resolver, const gchar* name, GCancellable* cancellable, GAsyncReadyCallback callback,
                  gpointer data) {
  lookup_with_flags_async(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable, callback, data);
}

GList* lookup_finish(GResolver*, GAsyncResult* result, GError** error) {
  return static_cast<GList*>(g_task_propagate_pointer(G_TASK(result), error));
}

// Of names alone: RTMP looks up neither addresses nor records, and nothing else here uses GLib's resolver.
void pinned_resolver_class_init(PinnedResolverClass* of_resolver) {
  GResolverClass* resolver = G_RESOLVER_CLASS(of_resolver);
  resolver->lookup_by_name = lookup;
  resolver->lookup_by_name_async = lookup_async;
  resolver->lookup_by_name_finish = lookup_finish;
  resolver->lookup_by_name_with_flags = lookup_with_flags;
  resolver->lookup_by_name_with_flags_async = lookup_with_flags_async;
  resolver->lookup_by_name_with_flags_finish = lookup_finish;
}

void pinned_resolver_init(PinnedResolver* resolver) { resolver->next = g_resolver_get_default(); }

}  // namespace

void install_pinned_hosts() {
  static GResolver* const installed = [] {
    auto* const resolver = static_cast<GResolver*>(g_object_new(pinned_resolver_get_type(), nullptr));
    g_resolver_set_default(resolver);
    return resolver;
  }();
  static_cast<void>(installed);
}

uint32_t pin_host(const std::string& name, const std::vector<std::string>& addresses) {
  const std::lock_guard<std::mutex> lock(pins_mutex);
  last_pin++;
  pins.push_back({last_pin, normal_name(name.c_str()), addresses});
  return last_pin;
}

void unpin_host(uint32_t pin) {
  const std::lock_guard<std::mutex> lock(pins_mutex);
  pins.erase(std::remove_if(pins.begin(), pins.end(), [&](const Pin& one) { return one.id == pin; }), pins.end());
}

}  // namespace diptych
