#include "cuda/nvrtc.hpp"

#include <dlfcn.h>

#include "cuda/device.hpp"

namespace diptych::cuda {

namespace {

constexpr const char* kUsualNames[] = {
    "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so",
};

Error missing(const std::string& text) { return Error(0, false, false, text); }

}  // namespace

Nvrtc::Nvrtc(const std::string& path, int driver_version) {
  if (!path.empty()) {
    if (open(path)) return;
    throw missing("NVRTC could not be opened as " + path + " (no such library, or older than CUDA 11.2); " +
                  "correct the path or leave it out");
  }
  const char* newer = nullptr;
  for (const char* name : kUsualNames) {
    if (!open(name)) continue;
    if (major_ <= driver_version / 1000) return;
    if (newer == nullptr) newer = name;
  }
  // Newer than the driver: its code loads where the driver is of the same generation only, which
  // loading will tell.
  if (newer != nullptr && open(newer)) return;
  throw missing(
      "NVRTC, which compiles the kernels for the GPU, could not be opened (libnvrtc.so.13, .12 or .11.2); install "
      "the CUDA toolkit's package cuda-nvrtc (Debian: libnvrtc11.2; pip: nvidia-cuda-nvrtc), and name its folder in "
      "LD_LIBRARY_PATH where the linker does not know it");
}

bool Nvrtc::open(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return false;
  bool is_whole = true;
  const auto find = [&](auto& function, const char* symbol) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, symbol));
    is_whole = is_whole && function != nullptr;
  };
  find(version_, "nvrtcVersion");
  find(error_string_, "nvrtcGetErrorString");
  find(create_, "nvrtcCreateProgram");
  find(compile_, "nvrtcCompileProgram");
  find(log_size_, "nvrtcGetProgramLogSize");
  find(log_, "nvrtcGetProgramLog");
  find(cubin_size_, "nvrtcGetCUBINSize");
  find(cubin_, "nvrtcGetCUBIN");
  find(ptx_size_, "nvrtcGetPTXSize");
  find(ptx_, "nvrtcGetPTX");
  find(destroy_, "nvrtcDestroyProgram");
  find(architecture_count_, "nvrtcGetNumSupportedArchs");
  find(architecture_list_, "nvrtcGetSupportedArchs");
  int count = 0;
  if (!is_whole || version_(&major_, &minor_) != 0 || architecture_count_(&count) != 0 || count <= 0) {
    dlclose(library);
    return false;
  }
  architectures_.resize(static_cast<size_t>(count));
  return architecture_list_(architectures_.data()) == 0;
}

std::string Nvrtc::compile(const SourceFile& source, const std::vector<SourceFile>& headers,
                           const std::vector<std::string>& options, bool to_cubin) const {
  std::vector<const char*> texts;
  std::vector<const char*> names;
  for (const SourceFile& header : headers) {
    texts.push_back(header.text.c_str());
    names.push_back(header.name.c_str());
  }
  std::vector<const char*> arguments;
  for (const std::string& option : options) arguments.push_back(option.c_str());

  Program program = nullptr;
  int result = create_(&program, source.text.c_str(), source.name.c_str(), static_cast<int>(headers.size()),
                       texts.data(), names.data());
  if (result == 0) result = compile_(program, static_cast<int>(arguments.size()), arguments.data());
  std::string image;
  std::string log;
  if (result == 0) {
    size_t size = 0;
    result = to_cubin ? cubin_size_(program, &size) : ptx_size_(program, &size);
    image.resize(size);
    if (result == 0) result = to_cubin ? cubin_(program, image.data()) : ptx_(program, image.data());
  } else if (program != nullptr) {
    size_t size = 0;
    if (log_size_(program, &size) == 0 && size > 1) {
      log.resize(size);
      log_(program, log.data());
      log.resize(size - 1);
    }
  }
  if (program != nullptr) destroy_(&program);
  if (result == 0) return image;
  throw missing("the kernels of " + source.name + " could not be compiled by NVRTC " + std::to_string(major_) + "." +
                std::to_string(minor_) + " (" + error_string_(result) + "); unpack the kernels' folder again" +
                (log.empty() ? "" : ":\n" + log));
}

}  // namespace diptych::cuda
