// The sizes of batch that a network takes, and the memory that each works on.
#include <algorithm>
#include <string>
#include <utility>

#include "ort/failure.hpp"
#include "ort/network.hpp"
#include "ort/tensor_shape.hpp"

namespace diptych::ort {

namespace {

// Marks a run that captures and replays nothing.
constexpr int kNoGraph = -1;
// Sizes between one picture and the largest batch: of a large one, and of one of kMiddleOfMany and fewer.
constexpr int kMiddleOfMany = 8;
constexpr int kMiddleOfFew = 4;

}  // namespace

Owned<RunOptions> Network::run_options(int graph) const {
  auto run = make<RunOptions>(library_, library_->release_run_options, library_->create_run_options);
  // The stream is waited for once, after what follows the network.
  library_.check(library_->add_run_entry(run.get(), "disable_synchronize_execution_providers", "1"));
  if (graph_.is_used) library_.check(library_->add_run_entry(run.get(), "gpu_graph_id", std::to_string(graph).c_str()));
  return run;
}

Owned<Value> Network::tensor(cuda::Address address, const std::vector<int64_t>& dims) const {
  return make<Value>(library_, library_->release_value, [&](Value** to) {
    return library_->create_tensor(memory_.get(), reinterpret_cast<void*>(address), elements(dims) * sizeof(float),
                                   dims.data(), dims.size(), kFloat32, to);
  });
}

void Network::probe(int batch) {
  const auto binding = make<Binding>(library_, library_->release_binding,
                                     [&](Binding** to) { return library_->create_binding(session_.get(), to); });
  const auto input = tensor(input_.address(), input_dims(batch));
  library_.check(library_->bind_input(binding.get(), input_name_.c_str(), input.get()));
  for (const Output& output : outputs_) {
    library_.check(library_->bind_output_to_memory(binding.get(), output.name.c_str(), memory_.get()));
  }
  run_bound(session_.get(), binding.get(), run_options(kNoGraph).get());
  stream_.wait();

  Value** values = nullptr;
  size_t count = 0;
  library_.check(library_->bound_outputs(binding.get(), library_.allocator(), &values, &count));
  std::vector<Owned<Value>> owned;
  for (size_t i = 0; i < count; ++i) owned.push_back({values[i], {library_->release_value}});
  library_.check(library_->allocator_free(library_.allocator(), values));
  for (size_t i = 0; i < count; ++i) {
    const auto info = make<TensorInfo>(library_, library_->release_tensor_info, [&](TensorInfo** to) {
      return library_->tensor_info_of(owned[i].get(), to);
    });
    TensorShape shape = shape_of(library_, info.get());
    if (shape.type != kFloat32) {
      throw Failure(Cause::kModel, options_.path + " gives numbers that are no 32-bit floats in its output " +
                                       outputs_[i].name + "; convert it with floats kept at its ends");
    }
    outputs_[i].dims = std::move(shape.dims);
  }
}

void Network::bind(int batch) {
  Batch bound;
  bound.size = batch;
  if (graph_.is_used && batch < max_batch_) bound.own_session = load();
  bound.session = bound.own_session ? bound.own_session.get() : session_.get();
  bound.input = tensor(input_.address(), input_dims(batch));
  bound.binding = make<Binding>(library_, library_->release_binding,
                                [&](Binding** to) { return library_->create_binding(bound.session, to); });
  bound.run = run_options(batch);
  library_.check(library_->bind_input(bound.binding.get(), input_name_.c_str(), bound.input.get()));
  const std::vector<cuda::NetworkOutput> results = results_of(batch);
  for (size_t i = 0; i < results.size(); ++i) {
    bound.values.push_back(tensor(results[i].data, results[i].dims));
    library_.check(
        library_->bind_output(bound.binding.get(), outputs_[i].name.c_str(), bound.values.back().get()));
  }
  batches_.push_back(std::move(bound));
}

std::vector<cuda::NetworkOutput> Network::results_of(int batch) const {
  std::vector<cuda::NetworkOutput> results;
  for (const Output& output : outputs_) {
    std::vector<int64_t> dims = output.dims;
    if (max_batch_ > 1) dims[0] = batch;
    results.push_back({output.memory.address(), std::move(dims)});
  }
  return results;
}

std::vector<size_t> Network::batch_sizes() const {
  std::vector<size_t> sizes;
  for (const Batch& batch : batches_) sizes.push_back(static_cast<size_t>(batch.size));
  return sizes;
}

void Network::find_shapes() {
  if (max_batch_ > 1) {
    // Some graphs are dynamic in name only: a shape inside is written for one picture.
    try {
      probe(max_batch_);
      const bool is_dynamic = std::all_of(outputs_.begin(), outputs_.end(), [&](const Output& output) {
        return !output.dims.empty() && output.dims[0] == max_batch_;
      });
      if (!is_dynamic) max_batch_ = 1;
    } catch (const Failure& failure) {
      if (failure.cause != Cause::kModel) throw;
      max_batch_ = 1;
    }
  }
  if (max_batch_ == 1) probe(1);
  for (Output& output : outputs_) output.memory = cuda::Buffer(device_, elements(output.dims) * sizeof(float));
  // Embedders are asked for one face or, when people part, for several: seldom.
  std::vector<int> sizes{1};
  if (options_.decode) sizes.push_back(max_batch_ > kMiddleOfMany ? kMiddleOfMany : kMiddleOfFew);
  for (const int batch : sizes) {
    if (batch < max_batch_) bind(batch);
  }
  bind(max_batch_);
  for (int batch = 1; batch <= max_batch_; ++batch) results_.push_back(results_of(batch));
}

}  // namespace diptych::ort
