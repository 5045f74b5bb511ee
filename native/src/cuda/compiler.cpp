#include "cuda/compiler.hpp"

#include <glib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>

#include "cuda/device.hpp"
#include "cuda/nvrtc.hpp"

namespace diptych::cuda {

namespace {

namespace fs = std::filesystem;

// Hexadecimal digits of a SHA-256.
constexpr size_t kHashLength = 64;

std::string sha256(const std::string& data) {
  gchar* hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(data.data()), data.size());
  std::string text = hash;
  g_free(hash);
  return text;
}

std::optional<std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<SourceFile> files_of(const std::string& folder, const std::string& extension) {
  std::vector<SourceFile> files;
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() != extension) continue;
    if (auto text = read(entry.path())) files.push_back({entry.path().filename().string(), std::move(*text)});
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  return files;
}

// Length in front, so that no two lists of parts give the same text.
void append(std::string& to, const std::string& part) { to += std::to_string(part.size()) + ":" + part; }

// An image behind its own hash, so that a file cut short is found out.
std::optional<std::string> read_cached(const fs::path& path) {
  std::optional<std::string> content = read(path);
  if (!content || content->size() <= kHashLength) return std::nullopt;
  std::string image = content->substr(kHashLength);
  if (content->compare(0, kHashLength, sha256(image)) != 0) return std::nullopt;
  return image;
}

// A cache that cannot be written costs time at the next start, no more.
void write_cached(const fs::path& path, const std::string& image) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  gchar* contents = static_cast<gchar*>(g_malloc(kHashLength + image.size()));
  const std::string hash = sha256(image);
  std::copy(hash.begin(), hash.end(), contents);
  std::copy(image.begin(), image.end(), contents + kHashLength);
  // Under another name first, then renamed.
  g_file_set_contents(path.c_str(), contents, static_cast<gssize>(kHashLength + image.size()), nullptr);
  g_free(contents);
}

// For machine code where the compiler knows the GPU, else for PTX.
std::vector<std::string> options_for(const Nvrtc& compiler, const CompileTarget& target, bool* to_cubin) {
  const int wanted = target.capability_major * 10 + target.capability_minor;
  const std::vector<int>& known = compiler.architectures();
  *to_cubin = std::find(known.begin(), known.end(), wanted) != known.end();
  // A GPU newer than the compiler runs PTX of the newest architecture before it, which the driver
  // translates.
  const auto newer = std::upper_bound(known.begin(), known.end(), wanted);
  if (newer == known.begin()) {
    throw Error(0, false, false,
                "NVRTC " + std::to_string(compiler.major()) + "." + std::to_string(compiler.minor()) +
                    " makes no code for compute capability " + std::to_string(target.capability_major) + "." +
                    std::to_string(target.capability_minor) + "; install an older one beside it");
  }
  return {
      "--gpu-architecture=" + std::string(*to_cubin ? "sm_" : "compute_") + std::to_string(*std::prev(newer)),
      // Multiplying and adding in one step rounds once where the CPU rounds twice.
      "--fmad=false",
      "-std=c++17",
  };
}

}  // namespace

CompiledKernels compile_kernels(const std::string& folder, const std::string& cache, const std::string& nvrtc,
                                const CompileTarget& target) {
  const std::vector<SourceFile> sources = files_of(folder, ".cu");
  const std::vector<SourceFile> headers = files_of(folder, ".h");
  if (sources.empty()) {
    throw Error(0, false, false, "no kernels were found in " + folder + "; unpack native/kernels there again");
  }
  const Nvrtc compiler(nvrtc, target.driver_version);

  bool to_cubin = false;
  const std::vector<std::string> options = options_for(compiler, target, &to_cubin);

  std::string common;
  append(common, std::to_string(compiler.major()) + "." + std::to_string(compiler.minor()));
  for (const std::string& option : options) append(common, option);
  for (const SourceFile& header : headers) {
    append(common, header.name);
    append(common, header.text);
  }

  CompiledKernels kernels;
  kernels.from = "cache";
  // Those that must be compiled, all at once: each takes a second or so.
  std::vector<std::future<std::string>> compiling;
  std::vector<fs::path> paths;
  for (const SourceFile& source : sources) {
    std::string key = common;
    append(key, source.name);
    append(key, source.text);
    paths.push_back(fs::path(cache) / (sha256(key) + (to_cubin ? ".cubin" : ".ptx")));
    std::optional<std::string> image = read_cached(paths.back());
    compiling.push_back(image ? std::future<std::string>()
                              : std::async(std::launch::async, [&] {
                                  return compiler.compile(source, headers, options, to_cubin);
                                }));
    kernels.images.push_back(std::move(image).value_or(""));
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    if (!compiling[i].valid()) continue;
    kernels.images[i] = compiling[i].get();
    kernels.from = "NVRTC " + std::to_string(compiler.major()) + "." + std::to_string(compiler.minor());
    write_cached(paths[i], kernels.images[i]);
  }
  return kernels;
}

}  // namespace diptych::cuda
