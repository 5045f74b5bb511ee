#pragma once

#include <gst/gst.h>

#include <string>

// Ends output that this host may not make any more, whatever JavaScript does meanwhile.
namespace diptych {

// What an output is, and so how it ends.
enum class FencedOutput {
  // Its connection is cut: what waits in the kernel is not sent.
  connection,
  // It gets no more buffers.
  file,
};

// From now on the deadline in this file counts, for the whole process. Throws std::runtime_error where it cannot be
// read, or another one counts already. Any thread.
void open_fence(const std::string& path);

// False without a fence. Any thread.
bool is_fence_past();

// Past the deadline nothing passes the pad `pad` of the element, and the element posts an error, once. Does nothing
// without a fence. Throws std::runtime_error where there is no such pad.
void fence_output(GstElement* element, const std::string& pad, FencedOutput output);

}  // namespace diptych
