#include "napi/mailbox.hpp"

#include <utility>

namespace diptych {

namespace {

struct Mailboxes {
  std::mutex mutex;
  std::unordered_map<napi_env, std::shared_ptr<Mailbox>> by_env;
};

Mailboxes& mailboxes() {
  // Never destroyed: streaming threads may still post while the process exits.
  static Mailboxes* all = new Mailboxes();
  return *all;
}

}  // namespace

void Mailbox::open(Napi::Env env) {
  auto mailbox = std::make_shared<Mailbox>();
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "diptych"), 0, 1, nullptr, nullptr,
                                      mailbox.get(), on_task, &mailbox->function_);
  if (status != napi_ok) throw Napi::Error::New(env, "diptych: no thread-safe function");
  napi_unref_threadsafe_function(env, mailbox->function_);
  {
    Mailboxes& all = mailboxes();
    std::lock_guard<std::mutex> lock(all.mutex);
    all.by_env[env] = mailbox;
  }
  // Runs before the thread-safe function goes, which was made earlier.
  env.AddCleanupHook([env = napi_env(env)] {
    std::shared_ptr<Mailbox> closing;
    {
      Mailboxes& all = mailboxes();
      std::lock_guard<std::mutex> lock(all.mutex);
      closing = std::move(all.by_env[env]);
      all.by_env.erase(env);
    }
    closing->close();
    closing->callbacks_.clear();
  });
}

std::shared_ptr<Mailbox> Mailbox::of(Napi::Env env) {
  Mailboxes& all = mailboxes();
  std::lock_guard<std::mutex> lock(all.mutex);
  return all.by_env.at(env);
}

void Mailbox::close_all() {
  Mailboxes& all = mailboxes();
  std::lock_guard<std::mutex> lock(all.mutex);
  for (const auto& [env, mailbox] : all.by_env) mailbox->close();
}

void Mailbox::close() {
  std::lock_guard<std::mutex> lock(mutex_);
  function_ = nullptr;
}

bool Mailbox::post(Task task) {
  auto data = std::make_unique<Task>(std::move(task));
  std::lock_guard<std::mutex> lock(mutex_);
  if (function_ == nullptr || napi_call_threadsafe_function(function_, data.get(), napi_tsfn_nonblocking) != napi_ok) {
    return false;
  }
  data.release();
  return true;
}

void Mailbox::on_task(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  // Without an environment this is what was left when it went.
  if (env == nullptr) return;
  Napi::HandleScope scope(env);
  (*task)(env);
}

Mailbox::Callback Mailbox::keep(const Napi::Function& function) {
  const CallbackId id = next_id_++;
  callbacks_.emplace(id, Napi::Persistent(function));
  return Callback(new CallbackId(id), [mailbox = shared_from_this()](const CallbackId* kept) {
    mailbox->post([mailbox, id = *kept](Napi::Env) { mailbox->callbacks_.erase(id); });
    delete kept;
  });
}

bool Mailbox::call(Napi::Env env, const Callback& callback, const std::function<napi_value()>& make_argument) {
  const auto found = callbacks_.find(*callback);
  if (found == callbacks_.end()) return false;
  Napi::HandleScope scope(env);
  napi_value argument = nullptr;
  try {
    argument = make_argument();
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
    return false;
  }
  napi_value result = nullptr;
  if (napi_call_function(env, env.Undefined(), found->second.Value(), 1, &argument, &result) == napi_ok) return true;
  // Without an exception JavaScript was not run: the environment is about to end.
  bool has_thrown = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &has_thrown) != napi_ok || !has_thrown) return false;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  return true;
}

void Mailbox::begin_wait(Napi::Env env) {
  if (waits_++ > 0) return;
  std::lock_guard<std::mutex> lock(mutex_);
  if (function_ != nullptr) napi_ref_threadsafe_function(env, function_);
}

void Mailbox::end_wait(Napi::Env env) {
  if (--waits_ > 0) return;
  std::lock_guard<std::mutex> lock(mutex_);
  if (function_ != nullptr) napi_unref_threadsafe_function(env, function_);
}

}  // namespace diptych
