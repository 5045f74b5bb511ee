#include "napi/open_models.hpp"

#include <utility>
#include <vector>

namespace diptych {

OpenModels& OpenModels::instance() {
  // Never destroyed: worker threads may end while the process exits.
  static auto* only = new OpenModels();
  return *only;
}

void OpenModels::close_with(Napi::Env env) {
  env.AddCleanupHook([this, owner = napi_env(env)] { close_all_of(owner); });
}

uint32_t OpenModels::add(napi_env owner, std::shared_ptr<ort::Model> model) {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (next_ == 0 || entries_.count(next_) != 0) ++next_;
  entries_.emplace(next_, Entry{owner, std::move(model)});
  return next_++;
}

std::shared_ptr<ort::Model> OpenModels::find(uint32_t id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.model;
}

void OpenModels::remove(uint32_t id) {
  // Declared before the lock, so freed after it.
  Entry removed{};
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  removed = std::move(found->second);
  entries_.erase(found);
}

void OpenModels::close_all_of(napi_env owner) {
  // Declared before the lock, so freed after it.
  std::vector<Entry> closing;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.owner != owner) {
      ++entry;
      continue;
    }
    closing.push_back(std::move(entry->second));
    entry = entries_.erase(entry);
  }
}

}  // namespace diptych
