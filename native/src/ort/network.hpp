#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cuda/decode.hpp"
#include "cuda/device.hpp"
#include "ort/library.hpp"
#include "ort/operators.hpp"
#include "ort/options.hpp"
#include "ort/provider.hpp"

namespace diptych::ort {

// A network on the GPU, with memory for its largest batch bound once for each size of batch. The
// thread that opened it, only: onnxruntime keeps captured graphs by thread.
class Network {
 public:
  // Loads it and runs it with every size of batch, twice, so that graphs are captured. Throws
  // Failure.
  static std::unique_ptr<Network> open(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // What the network works on.
  cuda::Stream& stream() { return stream_; }
  // 1 where the graph has no dynamic batch.
  int max_batch() const { return max_batch_; }
  // Those that are run: rising, the last one the largest.
  std::vector<size_t> batch_sizes() const;
  // Whether its runs are replayed.
  const GraphUse& graph() const { return graph_; }
  // Where the inputs of a batch go, one behind the other.
  cuda::Address input() const { return input_.address(); }
  // Bytes of one input.
  size_t input_bytes() const { return input_bytes_; }
  // Of the last run; outputs of a smaller batch begin at the same address.
  const std::vector<cuda::NetworkOutput>& outputs(int batch) const { return results_[batch - 1]; }
  // Runs the first `batch` inputs in the order of the stream; does not wait. Throws Failure. Of
  // the sizes that were bound the next larger one is run: what the rest gives is not looked at.
  void run(int batch);

 private:
  struct Output {
    std::string name;
    // Of the largest batch.
    std::vector<int64_t> dims;
    cuda::Buffer memory;
  };
  struct Batch {
    int size = 0;
    // A CUDA graph refers to what its session made for the size that was captured (cuDNN's plans and
    // their code among it), and a session drops that when it is run with another size. So with graphs
    // each size has a session of its own; the largest has the one that found the shapes.
    Owned<Session> own_session;
    Session* session = nullptr;
    Owned<Value> input;
    std::vector<Owned<Value>> values;
    Owned<Binding> binding;
    Owned<RunOptions> run;
  };

  Network(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options, GraphUse graph, bool channels_last);
  Owned<Session> load();
  // Without a provider, to read its inputs only.
  Owned<Session> load_plainly();
  void check_input();
  void find_outputs();
  // Runs into memory of onnxruntime's, and notes the shapes of the outputs.
  void probe(int batch);
  void bind(int batch);
  std::vector<cuda::NetworkOutput> results_of(int batch) const;
  // Finds out whether the batch is dynamic, and binds the sizes that are run: each costs time when a
  // network is opened (0.7 s on an H100 for a YOLOv8n), and memory (about 100 MB with its session).
  void find_shapes();
  void warm_up();
  Owned<RunOptions> run_options(int graph) const;
  Owned<Value> tensor(cuda::Address address, const std::vector<int64_t>& dims) const;
  void run_bound(Session* session, const Binding* binding, const RunOptions* run);
  [[noreturn]] void fail(const std::string& what, const std::string& words);
  std::vector<int64_t> input_dims(int batch) const;

  std::shared_ptr<cuda::Device> device_;
  const ModelOptions& options_;
  const Library& library_;
  cuda::Stream stream_;
  Operators operators_;
  GraphUse graph_;
  bool channels_last_;
  int max_batch_;
  std::string input_name_;
  size_t input_bytes_;
  cuda::Buffer input_;
  std::vector<Output> outputs_;
  Owned<MemoryInfo> memory_;
  Owned<Session> session_;
  // Rising, the last one the largest batch.
  std::vector<Batch> batches_;
  // Of every size.
  std::vector<std::vector<cuda::NetworkOutput>> results_;
};

}  // namespace diptych::ort
