#pragma once

#include <memory>
#include <string>

#include "ort/functions.hpp"

namespace diptych::ort {

// onnxruntime, opened at run time: the one that onnxruntime-node brings.
class Library {
 public:
  // One a process and path; it stays open. Throws Failure (kMissing).
  static const Library& open(const std::string& path);

  // Its functions.
  const Functions* operator->() const { return &functions_; }
  const std::string& path() const { return path_; }
  // One a process, shared with onnxruntime-node.
  const Environment* environment() const { return environment_; }
  // For what onnxruntime hands out in the host's memory.
  Allocator* allocator() const { return allocator_; }
  // Throws std::runtime_error with onnxruntime's message where the call failed.
  void check(Status* status) const;

 private:
  explicit Library(const std::string& path);

  std::string path_;
  Functions functions_;
  Environment* environment_ = nullptr;
  Allocator* allocator_ = nullptr;
};

// Releases what onnxruntime gave by the function that goes with it.
template <typename T>
struct Release {
  void (*release)(T*) = nullptr;
  void operator()(T* object) const { release(object); }
};
template <typename T>
// Something of onnxruntime's that is released with this.
using Owned = std::unique_ptr<T, Release<T>>;

// `create` gets the address of a pointer to fill, and gives the status.
template <typename T, typename Create>
Owned<T> make(const Library& library, void (*release)(T*), Create create) {
  T* object = nullptr;
  library.check(create(&object));
  return Owned<T>(object, Release<T>{release});
}

}  // namespace diptych::ort
