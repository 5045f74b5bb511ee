#include <mutex>
#include <unordered_map>

#include "gst/elements.hpp"

namespace diptych {
namespace element_registry {

namespace {

struct Entry {
  std::string graph_id;
  // An element may be being freed on another thread; a weak reference shows that.
  GWeakRef element;
};

struct Entries {
  std::mutex mutex;
  std::unordered_map<GstElement*, std::unique_ptr<Entry>> by_address;
};

Entries& entries() {
  // Never destroyed: graphs may outlive the static objects while the process exits.
  static Entries* all = new Entries();
  return *all;
}

}  // namespace

void set_graph(GstElement* element, const std::string& graph_id) {
  Entries& all = entries();
  std::lock_guard<std::mutex> lock(all.mutex);
  std::unique_ptr<Entry>& entry = all.by_address[element];
  if (entry == nullptr) {
    entry = std::make_unique<Entry>();
    g_weak_ref_init(&entry->element, element);
  }
  entry->graph_id = graph_id;
}

void remove(GstElement* element) {
  Entries& all = entries();
  std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.by_address.find(element);
  if (found == all.by_address.end()) return;
  g_weak_ref_clear(&found->second->element);
  all.by_address.erase(found);
}

std::vector<ElementPtr> of_graph(const std::string& graph_id) {
  std::vector<ElementPtr> living;  // filled under the lock, dropped by the caller after it
  Entries& all = entries();
  std::lock_guard<std::mutex> lock(all.mutex);
  for (const auto& [address, entry] : all.by_address) {
    if (entry->graph_id != graph_id) continue;
    if (gpointer element = g_weak_ref_get(&entry->element)) living.emplace_back(GST_ELEMENT(element));
  }
  return living;
}

ElementPtr find(const std::string& graph_id, const std::string& name) {
  for (ElementPtr& element : of_graph(graph_id)) {
    gchar* own = gst_element_get_name(element.get());
    const bool is_it = name == own;
    g_free(own);
    if (is_it) return std::move(element);
  }
  return nullptr;
}

}  // namespace element_registry
}  // namespace diptych
