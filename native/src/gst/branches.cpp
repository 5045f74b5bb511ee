#include "gst/branches.hpp"

#include <utility>

namespace diptych {

namespace {

struct PadUnref {
  void operator()(GstPad* pad) const { gst_object_unref(pad); }
};
using PadPtr = std::unique_ptr<GstPad, PadUnref>;

void free_reference(gpointer branches, GClosure*) { delete static_cast<std::shared_ptr<Branches>*>(branches); }

}  // namespace

Branches::Branches(std::vector<Branch> branches, Listener listener)
    : branches_(std::move(branches)), listener_(std::move(listener)) {}

Branches::~Branches() {
  for (Branch& branch : branches_) gst_caps_unref(branch.caps);
}

void Branches::watch(GstElement* source, std::vector<Branch> branches, Listener listener) {
  const auto shared = std::make_shared<Branches>(std::move(branches), std::move(listener));
  g_signal_connect_data(
      source, "pad-added",
      G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer data) {
        (*static_cast<std::shared_ptr<Branches>*>(data))->on_pad(pad);
      }),
      new std::shared_ptr<Branches>(shared), free_reference, static_cast<GConnectFlags>(0));
  g_signal_connect_data(
      source, "no-more-pads",
      G_CALLBACK(+[](GstElement*, gpointer data) { (*static_cast<std::shared_ptr<Branches>*>(data))->listener_("", ""); }),
      new std::shared_ptr<Branches>(shared), free_reference, static_cast<GConnectFlags>(0));
}

void Branches::on_pad(GstPad* pad) {
  if (!GST_PAD_IS_SRC(pad)) return;
  std::lock_guard<std::mutex> lock(mutex_);
  GstCaps* caps = gst_pad_get_current_caps(pad);
  if (caps == nullptr) caps = gst_pad_query_caps(pad, nullptr);
  gchar* text = gst_caps_to_string(caps);
  std::string taken_by;
  for (const Branch& branch : branches_) {
    if (!gst_caps_is_subset(caps, branch.caps)) continue;
    const PadPtr sink(gst_element_get_static_pad(branch.element.get(), "sink"));
    if (sink == nullptr || gst_pad_is_linked(sink.get())) continue;
    if (gst_pad_link(pad, sink.get()) != GST_PAD_LINK_OK) continue;
    taken_by = GST_OBJECT_NAME(branch.element.get());
    break;
  }
  listener_(taken_by, text);
  g_free(text);
  gst_caps_unref(caps);
}

}  // namespace diptych
