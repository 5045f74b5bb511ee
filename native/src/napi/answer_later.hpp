#pragma once

#include <napi.h>

#include <functional>

#include "napi/deferred.hpp"

namespace diptych {

// Settles the promise; called on the JavaScript thread, and never where its environment is gone. A
// Napi::Error that it throws rejects the promise.
using Answer = std::function<void(Napi::Env, const Deferred&)>;

// The answer of work that has none.
inline void resolve_undefined(Napi::Env env, const Deferred& deferred) { deferred.resolve(env, env.Undefined()); }

// Runs `work` on a thread of its own, then the answer that it gives; what it throws
// (std::exception) rejects the promise instead. Keeps the event loop alive meanwhile. Where the
// environment (a worker thread) ends first, the answer is dropped. For what happens now and then,
// not for every frame. JavaScript thread only.
Napi::Promise answer_later(Napi::Env env, std::function<Answer()> work);

}  // namespace diptych
