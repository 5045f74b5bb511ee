#pragma once

#include <string>
#include <vector>

// NVRTC, NVIDIA's compiler as a library; declared from its public documentation.
namespace diptych::cuda {

// A file by the name under which others include it.
struct SourceFile {
  std::string name;
  std::string text;
};

// The compiler. Any thread.
class Nvrtc {
 public:
  // An empty `path` tries the usual names and takes the first that is not newer than the driver.
  // Throws Error.
  Nvrtc(const std::string& path, int driver_version);

  // Its CUDA version, e.g. 13 and 0.
  int major() const { return major_; }
  int minor() const { return minor_; }
  // Architectures it can make code for, e.g. 90, rising.
  const std::vector<int>& architectures() const { return architectures_; }

  // A cubin where `options` name a real architecture (sm_…), else PTX. Throws Error with the
  // compiler's log.
  std::string compile(const SourceFile& source, const std::vector<SourceFile>& headers,
                      const std::vector<std::string>& options, bool to_cubin) const;

 private:
  using Program = void*;
  bool open(const std::string& name);

  int (*version_)(int*, int*) = nullptr;
  const char* (*error_string_)(int) = nullptr;
  int (*create_)(Program*, const char*, const char*, int, const char* const*, const char* const*) = nullptr;
  int (*compile_)(Program, int, const char* const*) = nullptr;
  int (*log_size_)(Program, size_t*) = nullptr;
  int (*log_)(Program, char*) = nullptr;
  int (*cubin_size_)(Program, size_t*) = nullptr;
  int (*cubin_)(Program, char*) = nullptr;
  int (*ptx_size_)(Program, size_t*) = nullptr;
  int (*ptx_)(Program, char*) = nullptr;
  int (*destroy_)(Program*) = nullptr;
  int (*architecture_count_)(int*) = nullptr;
  int (*architecture_list_)(int*) = nullptr;
  int major_ = 0;
  int minor_ = 0;
  std::vector<int> architectures_;
};

}  // namespace diptych::cuda
