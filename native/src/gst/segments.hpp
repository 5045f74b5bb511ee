#pragma once

#include <gst/gst.h>

#include <string>

namespace diptych {

// For graphs that write a stream to files, one after another.

// Names the files of a `splitmuxsink` by the wall clock of their first picture, in UTC: `FOLDER/2026-11-29T08-15-30.125Z.mp4`.
// A name that is taken gets `-2`, `-3` and so on before the extension, so that no file is ever overwritten. Each file
// gets a comment of so many spaces: room in its index for what is known at its end. For the life of the sink; false
// where the element has no such files.
bool name_segments(GstElement* sink, const std::string& folder, size_t room_bytes);

// Both begin at the same time: what `follower` gives waits until `leader` has given its first buffer, and what lies
// before that buffer is dropped. Elements with a pad `src`, before they play. False where there is none.
bool start_together(GstElement* leader, GstElement* follower);

}  // namespace diptych
