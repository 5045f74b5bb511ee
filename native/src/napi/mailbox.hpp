#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace diptych {

// How other threads reach the JavaScript of one environment (the main thread or a worker thread):
// tasks run there in the order in which they were posted. Does not keep the environment alive, except
// while somebody waits for an answer.
//
// Lock order: the table of all mailboxes, then `mutex_` of one. Neither is held while a task runs or
// JavaScript is called; `post` may be called with locks of the caller held.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  // Must not throw.
  using Task = std::function<void(Napi::Env)>;
  // Never used again within an environment.
  using CallbackId = uint64_t;
  // A JavaScript function that is kept while somebody holds this. Any thread may let go of it.
  using Callback = std::shared_ptr<const CallbackId>;

  // Makes the mailbox of an environment; once, when the addon is loaded into it. Throws Napi::Error.
  static void open(Napi::Env env);
  // That of an environment in which it was opened and which has not ended.
  static std::shared_ptr<Mailbox> of(Napi::Env env);
  // No task is run any more, in any environment: for the end of the process. Any thread.
  static void close_all();

  // From any thread; never waits. False where the environment is gone.
  bool post(Task task);

  // The rest only on the environment's own thread.

  Callback keep(const Napi::Function& function);
  // What the function throws becomes an uncaught exception. False where it was not called: it is no
  // longer kept, the argument could not be made, or the environment is about to end.
  bool call(Napi::Env env, const Callback& callback, const std::function<napi_value()>& make_argument);
  // Keeps the event loop alive until as many `end_wait`.
  void begin_wait(Napi::Env env);
  void end_wait(Napi::Env env);

 private:
  static void on_task(napi_env env, napi_value function, void* context, void* data);
  void close();

  std::mutex mutex_;
  // Null when closed. Guarded by `mutex_`.
  napi_threadsafe_function function_ = nullptr;
  // The environment's own thread only.
  std::unordered_map<CallbackId, Napi::FunctionReference> callbacks_;
  CallbackId next_id_ = 1;
  unsigned waits_ = 0;
};

}  // namespace diptych
