#pragma once

#include <cstddef>
#include <cstdint>

#include "ort/functions.hpp"

namespace diptych::ort {

// OrtCustomOp of onnxruntime's C API, as of kApiVersion: what describes an operator to it, and runs it. What is null
// is not called.
struct CustomOp {
  uint32_t version = kApiVersion;
  void* (*create)(const CustomOp*, const void* api, const KernelInfo*) = nullptr;
  const char* (*name)(const CustomOp*) = nullptr;
  // Null for the CPU.
  const char* (*provider)(const CustomOp*) = nullptr;
  int (*input_type)(const CustomOp*, size_t) = nullptr;
  size_t (*input_count)(const CustomOp*) = nullptr;
  int (*output_type)(const CustomOp*, size_t) = nullptr;
  size_t (*output_count)(const CustomOp*) = nullptr;
  void (*run)(void* kernel, KernelContext*) = nullptr;
  void (*destroy)(void* kernel) = nullptr;
  int (*input_presence)(const CustomOp*, size_t) = nullptr;
  int (*output_presence)(const CustomOp*, size_t) = nullptr;
  int (*input_memory)(const CustomOp*, size_t) = nullptr;
  int (*least_variadic_inputs)(const CustomOp*) = nullptr;
  int (*same_variadic_inputs)(const CustomOp*) = nullptr;
  int (*least_variadic_outputs)(const CustomOp*) = nullptr;
  int (*same_variadic_outputs)(const CustomOp*) = nullptr;
  Status* (*create_safely)(const CustomOp*, const void* api, const KernelInfo*, void** kernel) = nullptr;
  Status* (*run_safely)(void* kernel, KernelContext*) = nullptr;
  void* infer_shape = nullptr;
  int (*first_version)(const CustomOp*) = nullptr;
  int (*last_version)(const CustomOp*) = nullptr;
  // Of later versions.
  void* in_place[4] = {};
};

}  // namespace diptych::ort
