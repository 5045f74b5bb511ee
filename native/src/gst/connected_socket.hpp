#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <string>

namespace diptych {

// Whether the element is a `udpsrc` or the like.
bool takes_socket(GstElement* element);

// Gives it, before it runs, a UDP socket that the kernel connects to `host` (an IP address) and `port`: what others send
// to it is never received. Returns the port of this machine that the kernel chose for it.
// Throws std::runtime_error with what the system says.
uint16_t connect_socket(GstElement* element, const std::string& host, uint16_t port);

}  // namespace diptych
