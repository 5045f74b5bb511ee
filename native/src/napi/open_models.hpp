#pragma once

#include <napi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "ort/model.hpp"

namespace diptych {

// The networks that JavaScript has open, by their numbers, which any environment of the process may
// use. Each number is one asker (ort/model.hpp). One a process; any thread.
//
// `mutex_` is held for look-ups only: never while a network is freed, which waits for its thread.
class OpenModels {
 public:
  // Lives as long as the process.
  static OpenModels& instance();

  // Closes what `env` opened when it ends: networks are freed before the process ends, while the
  // GPU's libraries are still whole. Once an environment, on its own thread.
  void close_with(Napi::Env env);
  // A new number, never 0; freed by `remove` or with `owner`.
  uint32_t add(napi_env owner, std::shared_ptr<ort::Model> model);
  // Null where there is none of that number.
  std::shared_ptr<ort::Model> find(uint32_t id) const;
  // Does nothing where there is none. Waits for what was asked, where nobody else has the network.
  void remove(uint32_t id);

 private:
  struct Entry {
    napi_env owner;
    std::shared_ptr<ort::Model> model;
  };
  void close_all_of(napi_env owner);

  mutable std::mutex mutex_;
  std::map<uint32_t, Entry> entries_;
  uint32_t next_ = 1;
};

}  // namespace diptych
