#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace diptych {

// Puts itself before GLib's resolver, for the whole process. Idempotent.
void install_pinned_hosts();

// From now on a name leads to these addresses only, for every connection that GLib makes by it (RTMP among them): a name
// whose addresses were checked cannot lead elsewhere a moment later. Without addresses it leads nowhere. Where a name is
// pinned more than once, the newest pin counts. Any thread.
uint32_t pin_host(const std::string& name, const std::vector<std::string>& addresses);

// Takes a pin away. Idempotent. Any thread.
void unpin_host(uint32_t pin);

}  // namespace diptych
