#include "gst/segments.hpp"

#include <memory>
#include <mutex>
#include <utility>

#include "gst/clock.hpp"

namespace diptych {

namespace {

// Wall clock in UTC, milliseconds, with characters that every file system takes.
std::string utc_name(gint64 wall_us) {
  GDateTime* second = g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC);
  gchar* text = g_date_time_format(second, "%Y-%m-%dT%H-%M-%S");
  gchar* name = g_strdup_printf("%s.%03dZ", text, static_cast<int>(wall_us % G_USEC_PER_SEC / 1000));
  const std::string result = name;
  g_free(name);
  g_free(text);
  g_date_time_unref(second);
  return result;
}

// When the first buffer of a file was taken, by the wall clock, microseconds.
gint64 wall_time_of(GstSample* first) {
  const gint64 now_us = g_get_real_time();
  GstBuffer* buffer = first == nullptr ? nullptr : gst_sample_get_buffer(first);
  if (buffer == nullptr || !GST_BUFFER_PTS_IS_VALID(buffer)) return now_us;
  const GstClockTime taken =
      gst_segment_to_running_time(gst_sample_get_segment(first), GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  const GstClockTime now = shared_now();
  if (!GST_CLOCK_TIME_IS_VALID(taken) || taken > now) return now_us;
  return now_us - static_cast<gint64>((now - taken) / GST_USECOND);
}

struct Naming {
  std::string folder;
  std::string room;
};

// The muxer forgets what it was told with each file.
void reserve_room(GstElement* sink, const std::string& room) {
  GstElement* muxer = gst_bin_get_by_name(GST_BIN(sink), "muxer");
  if (muxer == nullptr) return;
  if (GST_IS_TAG_SETTER(muxer)) {
    gst_tag_setter_add_tags(GST_TAG_SETTER(muxer), GST_TAG_MERGE_REPLACE, GST_TAG_COMMENT, room.c_str(), nullptr);
  }
  gst_object_unref(muxer);
}

gchar* location_of(GstElement* sink, guint, GstSample* first, gpointer data) {
  const Naming& naming = *static_cast<Naming*>(data);
  reserve_room(sink, naming.room);
  const std::string base = naming.folder + "/" + utc_name(wall_time_of(first));
  std::string location = base + ".mp4";
  for (int number = 2; g_file_test(location.c_str(), G_FILE_TEST_EXISTS); ++number) {
    location = base + "-" + std::to_string(number) + ".mp4";
  }
  return g_strdup(location.c_str());
}

// Where the leader begins, and what holds the follower until then.
struct Start {
  explicit Start(GstPad* pad) { g_weak_ref_init(&follower, pad); }
  ~Start() { g_weak_ref_clear(&follower); }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  std::mutex mutex;
  // Weak, because a probe of this pad holds the start.
  GWeakRef follower;
  gulong block = 0;
  GstClockTime at = GST_CLOCK_TIME_NONE;
};

void free_start(gpointer start) { delete static_cast<std::shared_ptr<Start>*>(start); }

GstPadProbeReturn on_leader(GstPad*, GstPadProbeInfo* info, gpointer data) {
  Start& start = **static_cast<std::shared_ptr<Start>*>(data);
  gulong block = 0;
  {
    std::lock_guard<std::mutex> lock(start.mutex);
    start.at = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
    std::swap(block, start.block);
  }
  if (auto* follower = static_cast<GstPad*>(g_weak_ref_get(&start.follower))) {
    if (block != 0) gst_pad_remove_probe(follower, block);
    gst_object_unref(follower);
  }
  return GST_PAD_PROBE_REMOVE;
}

GstPadProbeReturn on_follower(GstPad*, GstPadProbeInfo* info, gpointer data) {
  Start& start = **static_cast<std::shared_ptr<Start>*>(data);
  std::lock_guard<std::mutex> lock(start.mutex);
  const GstClockTime pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
  return GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(start.at) && pts < start.at ? GST_PAD_PROBE_DROP
                                                                                             : GST_PAD_PROBE_REMOVE;
}

}  // namespace

bool name_segments(GstElement* sink, const std::string& folder, size_t room_bytes) {
  if (g_signal_lookup("format-location-full", G_OBJECT_TYPE(sink)) == 0) return false;
  g_signal_connect_data(
      sink, "format-location-full", G_CALLBACK(location_of), new Naming{folder, std::string(room_bytes, ' ')},
      [](gpointer naming, GClosure*) { delete static_cast<Naming*>(naming); }, static_cast<GConnectFlags>(0));
  return true;
}

bool start_together(GstElement* leader, GstElement* follower) {
  GstPad* leading = gst_element_get_static_pad(leader, "src");
  GstPad* following = gst_element_get_static_pad(follower, "src");
  const bool found = leading != nullptr && following != nullptr;
  if (found) {
    const auto start = std::make_shared<Start>(following);
    // Blocked by buffers alone: caps and the beginning of the segment pass.
    start->block = gst_pad_add_probe(
        following, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
    gst_pad_add_probe(following, GST_PAD_PROBE_TYPE_BUFFER, on_follower, new std::shared_ptr<Start>(start), free_start);
    gst_pad_add_probe(leading, GST_PAD_PROBE_TYPE_BUFFER, on_leader, new std::shared_ptr<Start>(start), free_start);
  }
  gst_clear_object(&leading);
  gst_clear_object(&following);
  return found;
}

}  // namespace diptych
