#include <cstdlib>

#include "soft_state.hpp"

namespace softcuda {

State& state() {
  static State* only = new State();
  return *only;
}

long setting(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : strtol(text, nullptr, 10);
}

size_t gpu_bytes() { return static_cast<size_t>(setting("SOFTCUDA_MEMORY_MB", 8192)) << 20; }

std::vector<SoftContext*>& context_stack() {
  thread_local std::vector<SoftContext*> stack;
  return stack;
}

SoftContext* current() { return context_stack().empty() ? nullptr : context_stack().back(); }

Result ready() {
  if (!state().is_initialized) return kNotInitialized;
  const SoftContext* context = current();
  return context == nullptr ? kInvalidContext : context->broken;
}

const Allocation* allocation_of(Pointer address, Pointer* start) {
  auto after = state().allocations.upper_bound(address);
  if (after == state().allocations.begin()) return nullptr;
  --after;
  if (address >= after->first + after->second.size) return nullptr;
  if (start != nullptr) *start = after->first;
  return &after->second;
}

}  // namespace softcuda
