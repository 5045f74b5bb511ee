// A stand-in for libnvrtc.so: compiles kernels with the host's C++ compiler for softcuda.cpp.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "soft_image.hpp"

namespace {

namespace fs = std::filesystem;

enum : int { kSuccess = 0, kInvalidInput = 3, kInvalidOption = 5, kCompilation = 6 };

constexpr int kArchitectures[] = {60, 70, 75, 80, 86, 89, 90};
constexpr const char* kKnownOptions[] = {"--gpu-architecture=sm_", "--gpu-architecture=compute_", "--fmad=false",
                                         "-std=c++17"};

struct Source {
  std::string name;
  std::string text;
};

struct SoftProgram {
  Source source;
  std::vector<Source> headers;
  std::string image;
  std::string log;
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// Runs the compiler in `folder`; what it says goes to log.txt.
bool run_compiler(const fs::path& folder, const std::string& name) {
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(folder.c_str()) != 0 || freopen("log.txt", "w", stderr) == nullptr) _exit(127);
    const char* compiler = getenv("CXX");
    if (compiler == nullptr) compiler = "c++";
    execlp(compiler, compiler, "-std=c++17", "-O2", "-shared", "-fPIC", "-ffp-contract=off", "-Wall", "-Wextra",
           "-x", "c++", "-I", ".", "-o", "kernel.so", name.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

extern "C" {

const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case kSuccess: return "NVRTC_SUCCESS";
    case kInvalidOption: return "NVRTC_ERROR_INVALID_OPTION";
    case kCompilation: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR_INVALID_INPUT";
  }
}

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return kSuccess;
}

int nvrtcGetNumSupportedArchs(int* count) {
  *count = static_cast<int>(std::size(kArchitectures));
  return kSuccess;
}

int nvrtcGetSupportedArchs(int* list) {
  std::copy(std::begin(kArchitectures), std::end(kArchitectures), list);
  return kSuccess;
}

int nvrtcCreateProgram(SoftProgram** program, const char* source, const char* name, int header_count,
                       const char* const* headers, const char* const* header_names) {
  auto* made = new SoftProgram{{name, source}, {}, {}, {}};
  for (int i = 0; i < header_count; ++i) made->headers.push_back({header_names[i], headers[i]});
  *program = made;
  return kSuccess;
}

int nvrtcCompileProgram(SoftProgram* program, int option_count, const char* const* options) {
  for (int i = 0; i < option_count; ++i) {
    const bool is_known = std::any_of(std::begin(kKnownOptions), std::end(kKnownOptions), [&](const char* known) {
      return strncmp(options[i], known, strlen(known)) == 0;
    });
    if (!is_known) return kInvalidOption;
  }
  std::string folder = (fs::temp_directory_path() / "softnvrtc-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return kInvalidInput;
  write(fs::path(folder) / program->source.name, program->source.text);
  for (const Source& header : program->headers) write(fs::path(folder) / header.name, header.text);
  const bool is_done = run_compiler(folder, program->source.name);
  program->log = read(fs::path(folder) / "log.txt");
  if (is_done) {
    const std::string code = read(fs::path(folder) / "kernel.so");
    SoftImageHeader header;
    memcpy(header.magic, kSoftImageMagic, sizeof header.magic);
    header.size = code.size();
    program->image.assign(reinterpret_cast<const char*>(&header), sizeof header);
    program->image += code;
  }
  std::error_code problem;
  fs::remove_all(folder, problem);
  return is_done ? kSuccess : kCompilation;
}

// With the closing zero, as the real one.
int nvrtcGetProgramLogSize(SoftProgram* program, size_t* size) {
  *size = program->log.size() + 1;
  return kSuccess;
}

int nvrtcGetProgramLog(SoftProgram* program, char* log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return kSuccess;
}

int nvrtcGetCUBINSize(SoftProgram* program, size_t* size) {
  *size = program->image.size();
  return kSuccess;
}

int nvrtcGetCUBIN(SoftProgram* program, char* image) {
  memcpy(image, program->image.data(), program->image.size());
  return kSuccess;
}

int nvrtcGetPTXSize(SoftProgram* program, size_t* size) { return nvrtcGetCUBINSize(program, size); }
int nvrtcGetPTX(SoftProgram* program, char* image) { return nvrtcGetCUBIN(program, image); }

int nvrtcDestroyProgram(SoftProgram** program) {
  delete *program;
  *program = nullptr;
  return kSuccess;
}

}  // extern "C"
