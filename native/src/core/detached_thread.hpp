#pragma once

#include <functional>
#include <thread>
#include <utility>

namespace diptych {

// Runs `work` on a thread of its own, which nobody waits for. It must not throw. Throws
// std::system_error where the process can have no more threads.
inline void run_detached(std::function<void()> work) { std::thread(std::move(work)).detach(); }

}  // namespace diptych
