#include "cuda/device.hpp"

#include <cstdlib>

#include "cuda/compiler.hpp"
#include "cuda/device_impl.hpp"

namespace diptych::cuda {

namespace {

// Pascal: what current drivers and NVENC/NVDEC generations still share.
constexpr int kLeastCapability = 6;
constexpr const char* kLook = "look at it with nvidia-smi";

struct Opened {
  std::mutex mutex;
  std::shared_ptr<Device> device;
};

Opened& opened() {
  // Never destroyed: frames may be freed while the process exits.
  static Opened* only = new Opened();
  return *only;
}

Error missing(Result result, const std::string& text) {
  return Error(result, loses_device(result), result == kOutOfMemory, text);
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

void check(const Driver& driver, Result result, const std::string& what, const char* advice) {
  if (result != kSuccess) throw missing(result, what + ": " + driver.describe(result) + "; " + advice);
}

}  // namespace

void Device::Impl::check(Result result, const char* wish) {
  if (result == kSuccess) return;
  const bool is_lost = loses_device(result);
  const bool is_out_of_memory = result == kOutOfMemory;
  const std::string text = "the GPU could not " + std::string(wish) + ": " + driver.describe(result);
  if (is_lost) {
    std::lock_guard<std::mutex> lock(mutex);
    if (lost_reason.empty()) lost_reason = text;
  }
  throw Error(result, is_lost, is_out_of_memory,
              text + (is_lost            ? "; look for an Xid in the kernel's log, and restart to use the GPU again"
                      : is_out_of_memory ? "; run fewer streams or smaller models on this GPU"
                                         : "; report it with the version of the driver"));
}

void Device::Impl::enter() {
  thread_local bool is_relaxed = false;
  check(driver.context_set_current(context), "enter its context");
  if (is_relaxed) return;
  int mode = kCaptureRelaxed;
  check(driver.thread_capture_mode(&mode), "let a thread work beside a capture");
  is_relaxed = true;
}

Device::Device() : impl_(std::make_unique<Impl>()) {}

void Device::examine(int wanted) {
  Impl& impl = *impl_;
  const Driver& driver = impl.driver;
  check(driver, driver.init(0), "the CUDA driver could not start", "check that nvidia-smi shows the GPU");
  check(driver, driver.driver_get_version(&impl.info.driver_version), "the CUDA driver does not tell its version",
        "install the NVIDIA driver again");
  int count = 0;
  check(driver, driver.device_get_count(&count), "the CUDA driver counts no GPUs",
        "check that nvidia-smi shows the GPU");
  if (wanted < 0 || wanted >= count) {
    throw missing(0, "there is no GPU " + std::to_string(wanted) + ", the driver shows " + std::to_string(count) +
                         "; choose another device or let this process see it (CUDA_VISIBLE_DEVICES)");
  }
  impl.info.ordinal = wanted;
  char name[256] = "";
  const std::string which = "GPU " + std::to_string(wanted);
  check(driver, driver.device_get(&impl.ordinal, wanted), which + " is not there", kLook);
  check(driver, driver.device_get_name(name, sizeof name, impl.ordinal), which + " does not tell its name", kLook);
  impl.info.name = name;
  check(driver, driver.device_get_attribute(&impl.info.capability_major, kCapabilityMajor, impl.ordinal),
        which + " does not tell its compute capability", kLook);
  check(driver, driver.device_get_attribute(&impl.info.capability_minor, kCapabilityMinor, impl.ordinal),
        which + " does not tell its compute capability", kLook);
  if (impl.info.capability_major < kLeastCapability) {
    throw missing(0, which + " (" + impl.info.name + ") has compute capability " +
                         std::to_string(impl.info.capability_major) + "." +
                         std::to_string(impl.info.capability_minor) + "; use a GPU with 6.0 or more (Pascal, 2016)");
  }
  check(driver, driver.device_total_mem(&impl.info.total_bytes, impl.ordinal), which + " does not tell its memory",
        kLook);
}

void Device::load(const CompiledKernels& kernels) {
  Impl& impl = *impl_;
  const Driver& driver = impl.driver;
  const std::string which = "GPU " + std::to_string(impl.info.ordinal);
  impl.info.kernels_from = kernels.from;
  check(driver, driver.primary_context_retain(&impl.context, impl.ordinal),
        which + " (" + impl.info.name + ") can't be used",
        "see with nvidia-smi whether its memory is used up, or its mode is exclusive");
  try {
    check(driver, driver.context_set_current(impl.context), which + " can't be used by this thread", kLook);
    for (const std::string& image : kernels.images) {
      ModuleHandle module = nullptr;
      check(driver, driver.module_load(&module, image.data()),
            "the driver (CUDA " + version_text(impl.info.driver_version) + ") does not take the kernels from " +
                kernels.from,
            "install an NVRTC that is not newer than the driver, and empty the cache of kernels");
      impl.modules.push_back(module);
    }
  } catch (...) {
    driver.context_set_current(nullptr);
    driver.primary_context_release(impl.ordinal);
    throw;
  }
}

std::shared_ptr<Device> Device::open(const DeviceOptions& options) {
  Opened& only = opened();
  // Held throughout: two that open at once shall not both compile.
  std::lock_guard<std::mutex> lock(only.mutex);
  if (only.device != nullptr) return only.device;

  std::shared_ptr<Device> device(new Device());
  Impl& impl = *device->impl_;
  impl.driver = open_driver(options.libcuda);
  device->examine(options.ordinal);
  // Before there is a context, which takes some hundred megabytes of the GPU.
  device->load(compile_kernels(
      options.kernels, options.cache, options.libnvrtc,
      {impl.info.capability_major, impl.info.capability_minor, impl.info.driver_version}));
  only.device = device;
  return device;
}

std::shared_ptr<Device> Device::current() {
  Opened& only = opened();
  std::lock_guard<std::mutex> lock(only.mutex);
  return only.device;
}

const DeviceInfo& Device::info() const { return impl_->info; }

Kernel Device::kernel(const std::string& name) const {
  enter();
  std::lock_guard<std::mutex> lock(impl_->mutex);
  Kernel kernel;
  const auto known = impl_->functions.find(name);
  if (known != impl_->functions.end()) {
    kernel.function_ = known->second;
    return kernel;
  }
  for (ModuleHandle module : impl_->modules) {
    if (impl_->driver.module_get_function(&kernel.function_, module, name.c_str()) != kSuccess) continue;
    impl_->functions.emplace(name, kernel.function_);
    return kernel;
  }
  throw std::out_of_range("kernel " + name + ": expected one of native/kernels");
}

void Device::enter() const { impl_->enter(); }

void* Device::native_context() const { return impl_->context; }

void* Device::library() const { return impl_->driver.library; }

void* Device::context_of(Address address) const {
  Context context = nullptr;
  const Result result = impl_->driver.pointer_get_attribute(&context, kPointerContext, address);
  return result == kSuccess ? context : nullptr;
}

std::string Device::lost_reason() const {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->lost_reason;
}

void Device::verify() const {
  enter();
  impl_->check(impl_->driver.context_synchronize(), "finish its work");
}

Traffic Device::traffic() const {
  Traffic traffic{};
  for (size_t purpose = 0; purpose < kPurposes; ++purpose) {
    traffic.to_device[purpose] = impl_->to_device[purpose];
    traffic.to_host[purpose] = impl_->to_host[purpose];
  }
  return traffic;
}

void Device::count_to_device(Purpose purpose, size_t bytes) const {
  impl_->to_device[static_cast<size_t>(purpose)] += bytes;
}

void Device::count_to_host(Purpose purpose, size_t bytes) const {
  impl_->to_host[static_cast<size_t>(purpose)] += bytes;
}

size_t Device::free_bytes() const {
  enter();
  size_t free = 0;
  size_t total = 0;
  impl_->check(impl_->driver.memory_get_info(&free, &total), "tell how much of its memory is free");
  return free;
}

size_t Device::own_bytes() const { return impl_->own_bytes; }

}  // namespace diptych::cuda
