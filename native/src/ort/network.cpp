#include "ort/network.hpp"

#include <algorithm>
#include <utility>

#include "ort/failure.hpp"
#include "ort/tensor_shape.hpp"

namespace diptych::ort {

namespace {

// How often a capture is tried: those of onnxruntime are global, so a call of another thread may end one.
constexpr int kCaptures = 4;

bool mentions(const std::string& words, const char* part) { return words.find(part) != std::string::npos; }

// onnxruntime has no code of its own for it.
bool is_out_of_memory(const std::string& words) {
  return mentions(words, "out of memory") || mentions(words, "Failed to allocate memory") ||
         mentions(words, "ALLOC_FAILED");
}

// Running works without a graph, but not with one.
class GraphRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string first_line(const std::string& words) { return words.substr(0, words.find('\n')); }

GraphUse wanted_graph(const ModelOptions& options) {
  switch (options.provider) {
    case Provider::kCuda:
    case Provider::kTensorRt:
      return {true, ""};
    case Provider::kCpu:
      return {false, "runs on the CPU"};
  }
  return {};
}

// Exact networks keep the order of sums that the CPU has, as far as it goes.
bool may_put_channels_last(const ModelOptions& options) {
  return options.provider == Provider::kCuda && options.channels_last && !options.is_exact;
}

Owned<Session> session_with(const Library& library, const std::string& path, const SessionOptions* options) {
  return make<Session>(library, library->release_session, [&](Session** to) {
    return library->create_session(library.environment(), path.c_str(), options, to);
  });
}

}  // namespace

std::unique_ptr<Network> Network::open(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options) {
  const auto open_with = [&](GraphUse graph, bool channels_last) {
    std::unique_ptr<Network> network(new Network(device, options, std::move(graph), channels_last));
    network->find_shapes();
    try {
      network->warm_up();
    } catch (...) {
      // Its stream may still be capturing, and then freeing the session would end the process.
      if (network->graph_.is_used) static_cast<void>(network.release());
      throw;
    }
    return network;
  };
  const auto open_laid_out = [&](bool channels_last) {
    try {
      return open_with(wanted_graph(options), channels_last);
    } catch (const GraphRefused& refused) {
      return open_with({false, refused.what()}, channels_last);
    }
  };
  if (!may_put_channels_last(options)) return open_laid_out(false);
  try {
    return open_laid_out(true);
  } catch (const Failure& failure) {
    if (failure.cause != Cause::kModel) throw;
    // What is wrong with the network itself is said by this one.
    return open_laid_out(false);
  }
}

Network::Network(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options, GraphUse graph,
                 bool channels_last)
    : device_(device),
      options_(options),
      library_(Library::open(options.library)),
      stream_(device),
      operators_(library_, device, stream_, options.provider),
      graph_(std::move(graph)),
      channels_last_(channels_last),
      max_batch_(options.max_batch),
      input_name_(options.input_name),
      input_bytes_(size_t{3} * options.input.width * options.input.height * sizeof(float)) {
  const int ordinal = device->info().ordinal;
  memory_ = make<MemoryInfo>(library_, library_->release_memory_info, [&](MemoryInfo** to) {
    const char* name = options.provider == Provider::kCpu ? "Cpu" : "Cuda";
    return library_->create_memory_info(name, kDeviceAllocator, ordinal, kDefaultMemory, to);
  });
  if (options.provider == Provider::kTensorRt) {
    // TensorRT has to know the input before it loads the model.
    session_ = load_plainly();
    check_input();
    session_.reset();
    if (max_batch_ > 1) graph_ = {false, "TensorRT keeps one graph, and this network takes several sizes of batch"};
  }
  session_ = load();
  check_input();
  input_ = cuda::Buffer(device, input_bytes_ * max_batch_);
  stream_.fill(input_.address(), 0, input_.size());
  find_outputs();
}

Network::~Network() {
  if (!device_->is_lost()) return;
  // Freeing CUDA graphs of a lost GPU throws in a destructor of onnxruntime's, and would end the
  // process. What they hold is gone with the GPU.
  for (Batch& batch : batches_) {
    static_cast<void>(batch.binding.release());
    static_cast<void>(batch.own_session.release());
  }
  static_cast<void>(session_.release());
}

std::vector<int64_t> Network::input_dims(int batch) const {
  const TensorSpec& spec = options_.input;
  if (spec.planar) return {batch, 3, spec.height, spec.width};
  return {batch, spec.height, spec.width, 3};
}

Owned<Session> Network::load() {
  try {
    const auto options = session_options(library_, options_, device_->info().ordinal, stream_,
                                         {graph_.is_used, channels_last_}, {input_name_, input_dims(max_batch_)});
    operators_.add_to(options.get());
    return session_with(library_, options_.path, options.get());
  } catch (const Failure&) {
    throw;
  } catch (const std::runtime_error& problem) {
    if (graph_.is_used && mentions(problem.what(), "graph capture")) throw GraphRefused(first_line(problem.what()));
    fail(options_.path + " is no model that can be run", problem.what());
  }
}

Owned<Session> Network::load_plainly() {
  try {
    const auto options =
        make<SessionOptions>(library_, library_->release_session_options, library_->create_session_options);
    library_.check(library_->set_log_severity(options.get(), kLogFatal));
    operators_.add_to(options.get());
    return session_with(library_, options_.path, options.get());
  } catch (const std::runtime_error& problem) {
    fail(options_.path + " is no model that can be run", problem.what());
  }
}

void Network::check_input() {
  const std::vector<NamedShape> inputs = inputs_of(library_, session_.get());
  const auto named = [&](const NamedShape& input) { return input_name_.empty() || input.name == input_name_; };
  const auto found = std::find_if(inputs.begin(), inputs.end(), named);
  const auto mismatch = [&](const std::string& text) {
    return Failure(Cause::kModel, options_.path + text + "; it is not the model that the manifest describes");
  };
  if (found == inputs.end()) throw mismatch(" has no input " + input_name_);
  if (inputs.size() > 1) throw mismatch(" has " + std::to_string(inputs.size()) + " inputs, expected one");
  input_name_ = found->name;
  const auto& [type, dims] = found->shape;
  if (type != kFloat32) throw mismatch(" takes numbers that are no 32-bit floats in its input " + input_name_);
  const std::vector<int64_t> expected = input_dims(1);
  bool fits = dims.size() == expected.size() && dims[0] <= 1;
  for (size_t i = 1; fits && i < dims.size(); ++i) fits = dims[i] < 0 || dims[i] == expected[i];
  if (!fits) throw mismatch(" takes " + text_of(dims) + " in its input " + input_name_ + ", not " + text_of(expected));
  if (dims[0] == 1) max_batch_ = 1;
}

void Network::find_outputs() {
  std::vector<std::string> names;
  for (const NamedShape& output : outputs_of(library_, session_.get())) names.push_back(output.name);
  for (const std::string& name : options_.output_names) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw Failure(Cause::kModel, options_.path + " has no output " + name +
                                     "; it is not the model that the manifest describes");
  }
  for (const std::string& name : options_.output_names.empty() ? names : options_.output_names) {
    outputs_.push_back({name, {}, {}});
  }
}

void Network::warm_up() {
  // Two runs find algorithms and memory, and the third is captured.
  const int runs = graph_.is_used ? 3 : 1;
  // The largest first: the others find room in the memory that it leaves.
  for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
    for (int done = 0, failed = 0; done < runs;) {
      try {
        run(batch->size);
        stream_.wait();
        ++done;
      } catch (const Failure& failure) {
        if (!graph_.is_used || failure.cause == Cause::kLost) throw;
        if (++failed == kCaptures) throw GraphRefused(failure.what());
      } catch (const cuda::Error& error) {
        if (!graph_.is_used || error.is_lost || error.is_out_of_memory) throw;
        if (++failed == kCaptures) throw GraphRefused(error.what());
      }
    }
  }
}

void Network::run(int batch) {
  const auto bound =
      std::find_if(batches_.begin(), batches_.end(), [&](const Batch& each) { return each.size >= batch; });
  run_bound(bound->session, bound->binding.get(), bound->run.get());
}

void Network::run_bound(Session* session, const Binding* binding, const RunOptions* run) {
  // The CPU does not know the stream's order.
  if (options_.provider == Provider::kCpu) stream_.wait();
  try {
    library_.check(library_->run_with_binding(session, run, binding));
  } catch (const std::runtime_error& problem) {
    fail(options_.path + " could not be run", problem.what());
  }
}

void Network::fail(const std::string& what, const std::string& words) {
  // What the GPU had to say comes from the driver; asking it also finds out whether it is lost.
  try {
    device_->verify();
  } catch (const cuda::Error& error) {
    if (error.is_lost) throw Failure(Cause::kLost, std::string("the GPU was lost: ") + error.what());
  }
  if (is_out_of_memory(words)) throw Failure(Cause::kLost, "the GPU is out of memory: " + first_line(words));
  throw Failure(Cause::kModel, what + ": " + first_line(words));
}

}  // namespace diptych::ort
