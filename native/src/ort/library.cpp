#include "ort/library.hpp"

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <stdexcept>

#include "ort/failure.hpp"

namespace diptych::ort {

namespace {

using Table = void* const*;

// OrtApiBase.
struct ApiBase {
  Table (*get_api)(uint32_t version);
  const char* (*version)();
};

}  // namespace

const Library& Library::open(const std::string& path) {
  static std::mutex mutex;
  // Never closed: onnxruntime's own threads may outlive the end of main.
  static auto* libraries = new std::map<std::string, std::unique_ptr<Library>>();
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<Library>& library = (*libraries)[path];
  if (library == nullptr) library.reset(new Library(path));
  return *library;
}

Library::Library(const std::string& path) : path_(path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw Failure(Cause::kMissing, std::string("onnxruntime can't be opened: ") + dlerror());
  const auto get_base = reinterpret_cast<const ApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (get_base == nullptr) throw Failure(Cause::kMissing, path + " is no onnxruntime: it has no OrtGetApiBase");
  const Table table = get_base()->get_api(kApiVersion);
  if (table == nullptr) {
    throw Failure(Cause::kMissing, path + " is onnxruntime " + get_base()->version() + ", and " + kLeastRelease +
                                       " or later is needed");
  }
#define DIPTYCH_TAKE(member, place, Result, parameters) \
  functions_.member = reinterpret_cast<Result(*) parameters>(table[place]);
  DIPTYCH_ORT_FUNCTIONS(DIPTYCH_TAKE)
#undef DIPTYCH_TAKE
  // Shared with onnxruntime-node where that is loaded: there is one environment a process.
  check(functions_.create_environment(kLogFatal, "diptych", &environment_));
  check(functions_.default_allocator(&allocator_));
}

void Library::check(Status* status) const {
  if (status == nullptr) return;
  const std::string message = functions_.get_error_message(status);
  functions_.release_status(status);
  throw std::runtime_error(message);
}

}  // namespace diptych::ort
