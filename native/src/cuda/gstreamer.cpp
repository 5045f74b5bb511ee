#include "cuda/gstreamer.hpp"

#include <dlfcn.h>

#include <type_traits>

namespace diptych::cuda {

const GstCuda* GstCuda::of(const std::shared_ptr<Device>& device) {
  // Never destroyed, as the device.
  static const GstCuda* const only = open(*device).release();
  return only;
}

std::unique_ptr<GstCuda> GstCuda::open(const Device& device) {
  void* library = dlopen("libgstcuda-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  const auto find = [&](auto& function, const char* symbol) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, symbol));
    return function != nullptr;
  };
  auto gstcuda = std::make_unique<GstCuda>();
  gboolean (*load_driver)() = nullptr;
  void (*init_memory)() = nullptr;
  SharedContext (*wrap)(void*, int) = nullptr;
  GstContext* (*make_context)(SharedContext) = nullptr;
  if (!find(load_driver, "gst_cuda_load_library") || !find(init_memory, "gst_cuda_memory_init_once") ||
      !find(wrap, "gst_cuda_context_new_wrapped") || !find(make_context, "gst_context_new_cuda_context") ||
      !find(gstcuda->new_pool_, "gst_cuda_buffer_pool_new")) {
    return nullptr;
  }
  find(gstcuda->sync_, "gst_cuda_memory_sync");

  // It opens libcuda.so.1 by that name. Contexts of another library must not get there.
  if (!load_driver()) return nullptr;
  void* its_driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (its_driver == nullptr) return nullptr;
  dlclose(its_driver);
  if (its_driver != device.library()) return nullptr;

  init_memory();
  gstcuda->shared_ = wrap(device.native_context(), device.info().ordinal);
  if (gstcuda->shared_ == nullptr) return nullptr;
  gstcuda->context_ = make_context(gstcuda->shared_);
  if (gstcuda->context_ == nullptr) return nullptr;
  return gstcuda;
}

}  // namespace diptych::cuda
