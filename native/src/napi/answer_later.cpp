#include "napi/answer_later.hpp"

#include <exception>
#include <utility>

#include "core/detached_thread.hpp"
#include "napi/failure.hpp"
#include "napi/mailbox.hpp"

namespace diptych {

namespace {

void settle(Napi::Env env, const Deferred& deferred, const Answer& answer, const Failure& failure) {
  if (!answer) {
    deferred.reject(env, failure);
    return;
  }
  try {
    answer(env, deferred);
  } catch (const Napi::Error& error) {
    // Also where the environment is about to end: then nobody is told.
    deferred.reject(env, error);
  }
}

}  // namespace

Napi::Promise answer_later(Napi::Env env, std::function<Answer()> work) {
  auto mailbox = Mailbox::of(env);
  const Deferred deferred(env);
  mailbox->begin_wait(env);
  run_detached([mailbox, deferred, work = std::move(work)] {
    Answer answer;
    Failure failure;
    try {
      answer = work();
    } catch (const std::exception&) {
      failure = current_failure();
    }
    // Moved, so that nothing of the answer is left here when JavaScript has it.
    mailbox->post([mailbox, deferred, answer = std::move(answer), failure](Napi::Env env) {
      mailbox->end_wait(env);
      settle(env, deferred, answer, failure);
    });
  });
  return deferred.promise(env);
}

}  // namespace diptych
