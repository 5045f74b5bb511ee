#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace diptych {

// How other threads reach the JavaScript of one environment (main thread or worker): letters are
// opened there in the order in which they were posted. Does not keep the environment alive,
// except while somebody waits for an answer.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Letter = std::function<void(Napi::Env)>;
  using CallbackId = uint64_t;

  // Makes the mailbox of an environment; once, when the addon is loaded into it.
  static void open(Napi::Env env);
  static std::shared_ptr<Mailbox> of(Napi::Env env);
  // No letter is delivered any more: for the end of the process.
  static void close_all();

  // From any thread. False where the environment is gone.
  bool post(Letter letter);

  // The rest only on the environment's own thread.
  CallbackId keep(const Napi::Function& callback);
  void forget(CallbackId id);
  // Does nothing for a forgotten callback. What it throws becomes an uncaught exception.
  void call(Napi::Env env, CallbackId id, const std::function<napi_value()>& make_argument);
  void begin_wait(Napi::Env env);
  void end_wait(Napi::Env env);

 private:
  static void on_letter(napi_env env, napi_value function, void* context, void* data);
  void close();

  std::mutex mutex_;
  // Null when closed.
  napi_threadsafe_function function_ = nullptr;
  std::unordered_map<CallbackId, Napi::FunctionReference> callbacks_;
  CallbackId next_id_ = 1;
  unsigned waits_ = 0;
};

}  // namespace diptych
