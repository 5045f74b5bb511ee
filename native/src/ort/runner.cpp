#include "cuda/mapped_picture.hpp"
#include "cuda/upload.hpp"
#include "ort/runner.hpp"

#include <algorithm>
#include <utility>

namespace diptych::ort {

namespace {

// With which the decoder is tried: nothing has it.
constexpr double kImpossibleScore = 2;

}  // namespace

Problem current_problem(const cuda::Device& device) {
  if (device.is_lost()) return {Cause::kLost, "the GPU was lost: " + device.lost_reason()};
  try {
    throw;
  } catch (const Failure& failure) {
    return {failure.cause, failure.what()};
  } catch (const cuda::Error& error) {
    return {error.is_lost || error.is_out_of_memory ? Cause::kLost : Cause::kModel, error.what()};
  } catch (const std::exception& error) {
    return {Cause::kModel, error.what()};
  }
}

Runner::Runner(std::shared_ptr<cuda::Device> device, const ModelOptions& options)
    : device_(std::move(device)),
      options_(options),
      network_(Network::open(device_, options)),
      kernels_(*device_),
      begin_(device_),
      end_(device_) {
  const int batch = network_->max_batch();
  const auto& outputs = network_->outputs(batch);
  if (options.decode) {
    decoder_ = std::make_unique<cuda::Decoder>(device_, *options.decode, options.input.width, options.input.height,
                                               batch);
    decoder_->launch(network_->stream(), outputs, std::vector<double>(batch, kImpossibleScore));
    decoder_->take(network_->stream());
    return;
  }
  int64_t length = outputs.empty() ? 0 : 1;
  for (const auto& output : outputs) {
    for (const int64_t dim : output.dims) length *= dim;
  }
  if (outputs.size() != 1 || length != int64_t{batch} * options.embedding_length) {
    throw Failure(Cause::kModel, options.path + " gives " + std::to_string(length) + " numbers for " +
                                     std::to_string(batch) + " pictures, expected " +
                                     std::to_string(options.embedding_length) +
                                     " each; it is not the model that the manifest describes");
  }
  sums_ = cuda::Buffer(device_, Model::kMostCrops * sizeof(cuda::SharpnessSums));
  results_ = cuda::PinnedBuffer(
      device_, Model::kMostCrops * (sizeof(cuda::SharpnessSums) + options.embedding_length * sizeof(float)));
}

std::vector<Runner::Picture> Runner::map(const std::vector<Question>& questions, std::vector<Answer>& answers) {
  std::vector<Picture> pictures;
  for (size_t i = 0; i < questions.size(); ++i) {
    try {
      FramePtr frame = questions[i].frame;
      if (!frame->in_cuda_memory()) frame = cuda::upload(device_, frame, cuda::Purpose::kFrame);
      pictures.push_back({i, std::make_unique<cuda::MappedDevicePicture>(std::move(frame))});
    } catch (const std::exception&) {
      answers[i] = current_problem(*device_);
    }
  }
  return pictures;
}

double Runner::answer(const std::vector<Question>& questions, std::vector<Answer>& answers) {
  answers.assign(questions.size(), Problem{Cause::kModel, ""});
  const std::vector<Picture> pictures = map(questions, answers);
  if (pictures.empty()) return 0;
  try {
    begin_.record(network_->stream());
    if (decoder_ != nullptr) {
      detect(questions, pictures, answers);
    } else {
      embed(questions, pictures, answers);
    }
    return end_.ms_since(begin_);
  } catch (const std::exception&) {
    const Problem problem = current_problem(*device_);
    // The frames are let go of only when nothing reads them any more.
    try {
      network_->stream().wait();
    } catch (const cuda::Error&) {
      // It says the same again, or the GPU is lost and reads nothing.
    }
    for (const Picture& picture : pictures) answers[picture.question] = problem;
    return 0;
  }
}

void Runner::detect(const std::vector<Question>& questions, const std::vector<Picture>& pictures,
                    std::vector<Answer>& answers) {
  cuda::Stream& stream = network_->stream();
  std::vector<TensorMapping> mappings;
  std::vector<double> thresholds;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const Question& question = questions[pictures[i].question];
    mappings.push_back(kernels_.letterbox(stream, pictures[i].mapped->picture(), question.crop, options_.input,
                                          network_->input() + i * network_->input_bytes()));
    thresholds.push_back(question.score_threshold);
  }
  const int batch = static_cast<int>(pictures.size());
  network_->run(batch);
  decoder_->launch(stream, network_->outputs(batch), thresholds);
  const std::vector<size_t> begins = sketch(questions, pictures);
  end_.record(stream);
  // Waits for the small pictures as well.
  std::vector<cuda::Candidates> found = decoder_->take(stream);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const uint8_t* sketched = sketched_.data();
    std::vector<uint8_t> small(sketched + begins[i], sketched + begins[i + 1]);
    answers[pictures[i].question] = Detected{mappings[i], std::move(found[i]), std::move(small)};
  }
}

std::vector<size_t> Runner::sketch(const std::vector<Question>& questions, const std::vector<Picture>& pictures) {
  std::vector<size_t> begins{0};
  for (const Picture& picture : pictures) {
    const unsigned step = questions[picture.question].sketch_step;
    const size_t bytes = step == 0 ? 0 : cuda::TensorKernels::sketch_bytes(picture.mapped->picture(), step);
    begins.push_back(begins.back() + bytes);
  }
  const size_t bytes = begins.back();
  if (bytes == 0) return begins;
  if (sketches_.size() < bytes) {
    sketches_ = cuda::Buffer(device_, bytes);
    sketched_ = cuda::PinnedBuffer(device_, bytes);
  }
  cuda::Stream& stream = network_->stream();
  for (size_t i = 0; i < pictures.size(); ++i) {
    const unsigned step = questions[pictures[i].question].sketch_step;
    if (step != 0) kernels_.sketch(stream, pictures[i].mapped->picture(), step, sketches_.address() + begins[i]);
  }
  stream.copy_to_host(sketched_.data(), bytes, sketches_.address(), bytes, bytes, 1, cuda::Purpose::kResult);
  return begins;
}

// Crops `first` … `first + count` of all that is asked, into the inputs of a batch.
void Runner::warp(const std::vector<Question>& questions, const std::vector<Picture>& pictures, size_t first,
                  size_t count) {
  size_t begin = 0;
  for (const Picture& picture : pictures) {
    const std::vector<AffineMatrix>& matrices = questions[picture.question].matrices;
    const size_t from = std::max(first, begin);
    const size_t to = std::min(first + count, begin + matrices.size());
    if (from < to) {
      kernels_.warp_affine(network_->stream(), picture.mapped->picture(),
                           {matrices.begin() + (from - begin), matrices.begin() + (to - begin)}, options_.input,
                           network_->input() + (from - first) * network_->input_bytes());
    }
    begin += matrices.size();
  }
}

void Runner::embed(const std::vector<Question>& questions, const std::vector<Picture>& pictures,
                   std::vector<Answer>& answers) {
  cuda::Stream& stream = network_->stream();
  const size_t length = static_cast<size_t>(options_.embedding_length);
  size_t total = 0;
  for (const Picture& picture : pictures) total += questions[picture.question].matrices.size();
  auto* sums = reinterpret_cast<cuda::SharpnessSums*>(results_.data());
  auto* embeddings = reinterpret_cast<float*>(sums + Model::kMostCrops);
  for (size_t first = 0; first < total;) {
    const size_t count = std::min(total - first, static_cast<size_t>(network_->max_batch()));
    const int batch = static_cast<int>(count);
    warp(questions, pictures, first, count);
    kernels_.sum_sharpness(stream, network_->input(), count, options_.input,
                           sums_.address() + first * sizeof(cuda::SharpnessSums));
    network_->run(batch);
    const size_t bytes = count * length * sizeof(float);
    stream.copy_to_host(embeddings + first * length, bytes, network_->outputs(batch)[0].data, bytes, bytes, 1,
                        cuda::Purpose::kResult);
    first += count;
  }
  end_.record(stream);
  const size_t bytes = total * sizeof(cuda::SharpnessSums);
  stream.copy_to_host(sums, bytes, sums_.address(), bytes, bytes, 1, cuda::Purpose::kResult);
  stream.wait();

  size_t first = 0;
  for (const Picture& picture : pictures) {
    const size_t count = questions[picture.question].matrices.size();
    Embedded answer;
    answer.embeddings.assign(embeddings + first * length, embeddings + (first + count) * length);
    for (size_t i = first; i < first + count; ++i) {
      answer.sharpness.push_back(cuda::aligned_sharpness(sums[i], options_.input));
    }
    answers[picture.question] = std::move(answer);
    first += count;
  }
}

}  // namespace diptych::ort
