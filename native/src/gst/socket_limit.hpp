#pragma once

namespace diptych {

// Bounds what waits in the kernel for a slow network: without it a TCP connection takes megabytes that it cannot send,
// seconds of a stream, before its sender notices. For every connection that GLib makes from now on (RTMP among them).
// Idempotent.
void limit_unsent_bytes();

}  // namespace diptych
