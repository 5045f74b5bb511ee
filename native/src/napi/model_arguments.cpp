#include "napi/model_arguments.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "napi/arguments.hpp"
#include "napi/pixel_arguments.hpp"
#include "ort/model.hpp"

namespace diptych {

namespace {

constexpr uint32_t kLargestBatch = cuda::Decoder::kMostPictures;
constexpr int kLongestWaitMs = 1000;
constexpr uint32_t kLargestStep = 16384;
constexpr uint32_t kMostClasses = 10000;
constexpr uint32_t kMostKeypoints = 32;
constexpr uint32_t kLargestStride = 1024;
constexpr uint32_t kMostAnchorsPerCell = 64;
constexpr uint32_t kLongestEmbedding = 65536;
constexpr size_t kMatrixNumbers = 6;

template <typename Element>
auto list_argument(Napi::Value value, const std::string& name, Element element) {
  if (!value.IsArray()) throw wrong_argument(value.Env(), name, "an array", value);
  const auto array = value.As<Napi::Array>();
  std::vector<decltype(element(value, name))> list;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    list.push_back(element(array.Get(i), name + "[" + std::to_string(i) + "]"));
  }
  return list;
}

int count(const Napi::Object& decode, const char* name, uint32_t least, uint32_t most) {
  return static_cast<int>(whole_argument(decode.Get(name), std::string("options.decode.") + name, least, most));
}

std::vector<int> strides_of(const Napi::Object& decode) {
  return list_argument(decode.Get("strides"), "options.decode.strides", [](Napi::Value value, const std::string& name) {
    return static_cast<int>(whole_argument(value, name, 1, kLargestStride));
  });
}

cuda::DecodeOptions decode_argument(Napi::Value value) {
  const Napi::Object decode = object_argument(value, "options.decode");
  const std::string type = string_argument(decode.Get("type"), "options.decode.type");
  cuda::DecodeOptions options{};
  if (type == "yolov8") {
    options.type = cuda::DecodeOptions::Type::kYolov8;
    options.classes = count(decode, "classes", 1, kMostClasses);
    options.keypoints = count(decode, "keypoints", 0, kMostKeypoints);
  } else if (type == "scrfd") {
    options.type = cuda::DecodeOptions::Type::kScrfd;
    options.strides = strides_of(decode);
    options.anchors_per_cell = count(decode, "anchorsPerCell", 1, kMostAnchorsPerCell);
  } else if (type == "yunet") {
    options.type = cuda::DecodeOptions::Type::kYunet;
    options.strides = strides_of(decode);
  } else if (type == "blazeface") {
    options.type = cuda::DecodeOptions::Type::kBlazeface;
    options.keypoints = count(decode, "keypoints", 0, kMostKeypoints);
    const Napi::Value anchors = decode.Get("anchors");
    if (!anchors.IsTypedArray() || anchors.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array ||
        anchors.As<Napi::TypedArray>().ElementLength() % 2 != 0) {
      throw wrong_argument(value.Env(), "options.decode.anchors", "a Float32Array of two numbers an anchor", anchors);
    }
    auto numbers = anchors.As<Napi::Float32Array>();
    options.anchors.assign(numbers.Data(), numbers.Data() + numbers.ElementLength());
  } else {
    throw wrong_argument(value.Env(), "options.decode.type", "\"yolov8\", \"scrfd\", \"yunet\" or \"blazeface\"",
                         decode.Get("type"));
  }
  return options;
}

ort::Provider provider_argument(Napi::Value value) {
  const std::string name = string_argument(value, "options.provider");
  for (const auto provider : {ort::Provider::kCuda, ort::Provider::kTensorRt, ort::Provider::kCpu}) {
    if (name == provider_name(provider)) return provider;
  }
  throw wrong_argument(value.Env(), "options.provider", "\"cuda\", \"tensorrt\" or \"cpu\"", value);
}

}  // namespace

const char* provider_name(ort::Provider provider) {
  switch (provider) {
    case ort::Provider::kCuda:
      return "cuda";
    case ort::Provider::kTensorRt:
      return "tensorrt";
    case ort::Provider::kCpu:
      return "cpu";
  }
  return "";
}

ort::ModelOptions model_options_argument(Napi::Value value) {
  const Napi::Object given = object_argument(value, "options");
  ort::ModelOptions options;
  options.path = string_argument(given.Get("path"), "options.path");
  options.library = string_argument(given.Get("library"), "options.library");
  options.provider = provider_argument(given.Get("provider"));
  const Napi::Value is_exact = given.Get("isExact");
  if (!is_exact.IsUndefined()) options.is_exact = boolean_argument(is_exact, "options.isExact");
  const Napi::Value channels_last = given.Get("channelsLast");
  if (!channels_last.IsUndefined()) {
    options.channels_last = boolean_argument(channels_last, "options.channelsLast");
  }
  options.cache = optional_string(given, "cache");
  options.input_name = string_argument(given.Get("inputName"), "options.inputName");
  options.output_names = list_argument(given.Get("outputNames"), "options.outputNames", string_argument);
  options.input = tensor_spec_argument(given.Get("input"), "options.input");
  options.max_batch = static_cast<int>(whole_argument(given.Get("maxBatch"), "options.maxBatch", 1, kLargestBatch));
  const double wait_ms = ranged_argument(given.Get("maxWaitMs"), "options.maxWaitMs", 0, kLongestWaitMs);
  options.max_wait = std::chrono::microseconds(std::llround(wait_ms * 1000));
  const Napi::Value decode = given.Get("decode");
  if (!decode.IsUndefined()) {
    options.decode = decode_argument(decode);
  } else {
    options.embedding_length = static_cast<int>(
        whole_argument(given.Get("embeddingLength"), "options.embeddingLength", 1, kLongestEmbedding));
    options.max_batch = std::min(options.max_batch, static_cast<int>(ort::Model::kMostCrops));
  }
  return options;
}

DetectArguments detect_arguments(Napi::Value value) {
  const Napi::Object question = object_argument(value, "question");
  DetectArguments arguments{};
  const Napi::Value crop = question.Get("crop");
  if (!crop.IsUndefined()) arguments.crop = crop_argument(crop, "question.crop");
  arguments.score_threshold = ranged_argument(question.Get("scoreThreshold"), "question.scoreThreshold", 0, 1);
  const Napi::Value step = question.Get("sketchStep");
  if (!step.IsUndefined()) arguments.sketch_step = whole_argument(step, "question.sketchStep", 1, kLargestStep);
  return arguments;
}

std::vector<AffineMatrix> matrices_argument(Napi::Value value, size_t most) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    throw wrong_argument(value.Env(), "matrices", "a Float64Array", value);
  }
  auto numbers = value.As<Napi::Float64Array>();
  const size_t length = numbers.ElementLength();
  if (length % kMatrixNumbers != 0 || length / kMatrixNumbers > most) {
    throw Napi::TypeError::New(value.Env(), "matrices: expected 6 numbers each of at most " + std::to_string(most) +
                                                " crops, got " + std::to_string(length) + " numbers");
  }
  std::vector<AffineMatrix> matrices;
  for (size_t first = 0; first < length; first += kMatrixNumbers) {
    for (size_t i = first; i < first + kMatrixNumbers; ++i) {
      if (std::fabs(numbers[i]) <= kLargestMatrixEntry) continue;
      throw Napi::TypeError::New(value.Env(), "matrices: expected numbers within ±" +
                                                  std::to_string(kLargestMatrixEntry) + ", got " +
                                                  std::to_string(numbers[i]));
    }
    matrices.push_back(affine_matrix(numbers.Data() + first));
  }
  return matrices;
}

}  // namespace diptych
