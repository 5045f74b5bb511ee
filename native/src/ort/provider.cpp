#include "ort/provider.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <utility>

#include "ort/failure.hpp"

namespace diptych::ort {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Columns {
  explicit Columns(const Settings& settings) {
    for (const auto& [key, value] : settings) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
  }
  std::vector<const char*> keys;
  std::vector<const char*> values;
};

// Why a provider's library does not load, as the loader says it: onnxruntime says it only in
// its log. Asked after onnxruntime has failed to: loaded before it, the library would not find it.
std::string why_missing(const Library& library, const std::string& provider) {
  const std::string folder = library.path().substr(0, library.path().rfind('/') + 1);
  const std::string file = folder + "libonnxruntime_providers_" + provider + ".so";
  if (access(file.c_str(), R_OK) != 0) return file + " is not there";
  const std::string shared = folder + "libonnxruntime_providers_shared.so";
  if (access(shared.c_str(), R_OK) != 0) return shared + " is not there";
  if (dlopen(shared.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr || dlopen(file.c_str(), RTLD_LAZY) == nullptr) {
    return dlerror();
  }
  return std::string();
}

// Calls onnxruntime for a provider.
template <typename Call>
auto asking_for(const Library& library, const std::string& provider, const std::string& name, Call call) {
  try {
    return call();
  } catch (const std::runtime_error& problem) {
    const std::string reason = why_missing(library, provider);
    throw Failure(Cause::kMissing, "onnxruntime's " + name + " provider can't be used: " +
                                       (reason.empty() ? std::string(problem.what()) : reason));
  }
}

void append_cuda(const Library& library, SessionOptions* session, int device, cuda::Stream& stream, bool is_exact,
                 SessionUse use) {
  asking_for(library, "cuda", "CUDA", [&] {
    const auto options =
        make<CudaOptions>(library, library->release_cuda_options, library->create_cuda_options);
    const Settings settings{
        {"device_id", std::to_string(device)},
        // Takes what is asked for, instead of twice as much each time.
        {"arena_extend_strategy", "kSameAsRequested"},
        // Measured on an H100: as quick as EXHAUSTIVE in use, and open in a third of the time.
        {"cudnn_conv_algo_search", "HEURISTIC"},
        {"cudnn_conv_use_max_workspace", "1"},
        {"do_copy_in_default_stream", "1"},
        {"use_tf32", is_exact ? "0" : "1"},
        {"enable_cuda_graph", use.is_replayed ? "1" : "0"},
        {"prefer_nhwc", use.channels_last ? "1" : "0"},
    };
    const Columns columns(settings);
    library.check(
        library->update_cuda_options(options.get(), columns.keys.data(), columns.values.data(), settings.size()));
    library.check(library->set_cuda_pointer(options.get(), "user_compute_stream", stream.native()));
    library.check(library->append_cuda(session, options.get()));
  });
  // The provider opens it by itself when it needs it, and leaves convolutions to the CPU without it.
  // A provider linked to the one before it has that one loaded by now.
  if (dlopen("libcudnn.so.9", RTLD_LAZY) == nullptr && dlopen("libcudnn.so.8", RTLD_LAZY | RTLD_NOLOAD) == nullptr) {
    throw Failure(Cause::kMissing, "onnxruntime's CUDA provider can't be used without cuDNN 9: libcudnn.so.9 can't "
                                   "be opened; install it or name its folder in LD_LIBRARY_PATH");
  }
}

std::string shape_text(const InputShape& input, int64_t batch) {
  std::string text = input.name + ":";
  for (size_t i = 0; i < input.dims.size(); ++i) {
    text += (i == 0 ? "" : "x") + std::to_string(i == 0 ? batch : input.dims[i]);
  }
  return text;
}

void append_tensorrt(const Library& library, SessionOptions* session, const std::string& cache, int device,
                     cuda::Stream& stream, bool is_exact, bool uses_graph, const InputShape& input) {
  asking_for(library, "tensorrt", "TensorRT", [&] {
    const auto options =
        make<TensorRtOptions>(library, library->release_tensorrt_options, library->create_tensorrt_options);
    Settings settings{
        {"device_id", std::to_string(device)},
        {"trt_fp16_enable", is_exact ? "0" : "1"},
        {"trt_cuda_graph_enable", uses_graph ? "1" : "0"},
    };
    if (!cache.empty()) {
      settings.emplace_back("trt_engine_cache_enable", "1");
      settings.emplace_back("trt_engine_cache_path", cache);
      settings.emplace_back("trt_timing_cache_enable", "1");
      settings.emplace_back("trt_timing_cache_path", cache);
    }
    if (input.dims[0] > 1) {
      settings.emplace_back("trt_profile_min_shapes", shape_text(input, 1));
      settings.emplace_back("trt_profile_opt_shapes", shape_text(input, input.dims[0]));
      settings.emplace_back("trt_profile_max_shapes", shape_text(input, input.dims[0]));
    }
    const Columns columns(settings);
    library.check(
        library->update_tensorrt_options(options.get(), columns.keys.data(), columns.values.data(), settings.size()));
    library.check(library->set_tensorrt_pointer(options.get(), "user_compute_stream", stream.native()));
    library.check(library->append_tensorrt(session, options.get()));
  });
}

}  // namespace

Owned<SessionOptions> session_options(const Library& library, const ModelOptions& options, int device,
                                      cuda::Stream& stream, SessionUse use, const InputShape& input) {
  auto session =
      make<SessionOptions>(library, library->release_session_options, library->create_session_options);
  library.check(library->set_log_severity(session.get(), kLogFatal));
  library.check(library->set_optimization(session.get(), kAllOptimizations));
  // The GPU computes; the thread that asks it is enough.
  library.check(library->set_intra_op_threads(session.get(), 1));
  switch (options.provider) {
    case Provider::kTensorRt:
      append_tensorrt(library, session.get(), options.cache, device, stream, options.is_exact, use.is_replayed, input);
      // For what TensorRT does not know.
      append_cuda(library, session.get(), device, stream, options.is_exact, {});
      break;
    case Provider::kCuda:
      append_cuda(library, session.get(), device, stream, options.is_exact, use);
      break;
    case Provider::kCpu:
      break;
  }
  return session;
}

}  // namespace diptych::ort
