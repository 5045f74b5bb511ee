#pragma once

#include <cstddef>
#include <cstdint>

// The part of onnxruntime's C API that is used here, declared from its public documentation. The
// API is a table of functions that only ever grows at its end, so a function's place in it is as
// stable as a name.
namespace diptych::ort {

// What onnxruntime hands out; never looked into.
struct Status;
struct Environment;
struct SessionOptions;
struct Session;
struct RunOptions;
struct Binding;
struct Value;
struct MemoryInfo;
struct TypeInfo;
struct TensorInfo;
struct Allocator;
struct CudaOptions;
struct TensorRtOptions;
struct CustomOpDomain;
struct KernelInfo;
struct KernelContext;
// Of a library that runs operators; see operators.hpp.
struct CustomOp;

enum : int {
  kLogFatal = 4,
  kAllOptimizations = 99,
  kDeviceAllocator = 0,
  kDefaultMemory = 0,
  kFloat32 = 1,
  kFloat16 = 10,
  kRequired = 0,
  kOptional = 1,
  kFail = 1,
};

// The table's version that has all of these: that of release 1.16.
constexpr uint32_t kApiVersion = 16;
constexpr const char* kLeastRelease = "1.16";

// Member, place in the table, result, parameters.
#define DIPTYCH_ORT_FUNCTIONS(X)                                                                               \
  X(create_status, 0, Status*, (int code, const char* message))                                                \
  X(get_error_message, 2, const char*, (const Status*))                                                        \
  X(create_environment, 3, Status*, (int log_level, const char* log_id, Environment**))                        \
  X(create_session, 7, Status*, (const Environment*, const char* path, const SessionOptions*, Session**))      \
  X(create_session_options, 10, Status*, (SessionOptions**))                                                   \
  X(set_log_severity, 22, Status*, (SessionOptions*, int))                                                     \
  X(set_optimization, 23, Status*, (SessionOptions*, int))                                                     \
  X(set_intra_op_threads, 24, Status*, (SessionOptions*, int))                                                 \
  X(create_domain, 26, Status*, (const char* name, CustomOpDomain**))                                          \
  X(add_operator, 27, Status*, (CustomOpDomain*, const CustomOp*))                                             \
  X(add_domain, 28, Status*, (SessionOptions*, CustomOpDomain*))                                               \
  X(input_count, 30, Status*, (const Session*, size_t*))                                                       \
  X(output_count, 31, Status*, (const Session*, size_t*))                                                      \
  X(input_type, 33, Status*, (const Session*, size_t, TypeInfo**))                                             \
  X(output_type, 34, Status*, (const Session*, size_t, TypeInfo**))                                            \
  X(input_name, 36, Status*, (const Session*, size_t, Allocator*, char**))                                     \
  X(output_name, 37, Status*, (const Session*, size_t, Allocator*, char**))                                    \
  X(create_run_options, 39, Status*, (RunOptions**))                                                           \
  X(create_tensor, 49, Status*,                                                                                \
    (const MemoryInfo*, void* data, size_t bytes, const int64_t* dims, size_t rank, int type, Value**))        \
  X(tensor_data, 51, Status*, (Value*, void**))                                                                \
  X(cast_to_tensor_info, 55, Status*, (const TypeInfo*, const TensorInfo**))                                   \
  X(element_type, 60, Status*, (const TensorInfo*, int*))                                                      \
  X(rank, 61, Status*, (const TensorInfo*, size_t*))                                                           \
  X(dimensions, 62, Status*, (const TensorInfo*, int64_t*, size_t))                                            \
  X(tensor_info_of, 65, Status*, (const Value*, TensorInfo**))                                                 \
  X(create_memory_info, 68, Status*, (const char* name, int allocator, int device, int type, MemoryInfo**))    \
  X(allocator_free, 76, Status*, (Allocator*, void*))                                                          \
  X(default_allocator, 78, Status*, (Allocator**))                                                             \
  X(kernel_input_count, 88, Status*, (const KernelContext*, size_t*))                                          \
  X(kernel_input, 90, Status*, (const KernelContext*, size_t, const Value**))                                  \
  X(kernel_output, 91, Status*, (KernelContext*, size_t, const int64_t* dims, size_t rank, Value**))           \
  X(release_status, 93, void, (Status*))                                                                       \
  X(release_memory_info, 94, void, (MemoryInfo*))                                                              \
  X(release_session, 95, void, (Session*))                                                                     \
  X(release_value, 96, void, (Value*))                                                                         \
  X(release_run_options, 97, void, (RunOptions*))                                                              \
  X(release_type_info, 98, void, (TypeInfo*))                                                                  \
  X(release_tensor_info, 99, void, (TensorInfo*))                                                              \
  X(release_session_options, 100, void, (SessionOptions*))                                                     \
  X(release_domain, 101, void, (CustomOpDomain*))                                                              \
  X(add_session_entry, 130, Status*, (SessionOptions*, const char* key, const char* value))                    \
  X(run_with_binding, 133, Status*, (Session*, const RunOptions*, const Binding*))                             \
  X(create_binding, 134, Status*, (Session*, Binding**))                                                       \
  X(release_binding, 135, void, (Binding*))                                                                    \
  X(bind_input, 136, Status*, (Binding*, const char* name, const Value*))                                      \
  X(bind_output, 137, Status*, (Binding*, const char* name, const Value*))                                     \
  X(bind_output_to_memory, 138, Status*, (Binding*, const char* name, const MemoryInfo*))                      \
  X(bound_outputs, 140, Status*, (const Binding*, Allocator*, Value***, size_t*))                              \
  X(integer_attributes, 163, Status*, (const KernelInfo*, const char* name, int64_t*, size_t*))                \
  X(add_run_entry, 165, Status*, (RunOptions*, const char* key, const char* value))                            \
  X(append_tensorrt, 170, Status*, (SessionOptions*, const TensorRtOptions*))                                  \
  X(create_tensorrt_options, 171, Status*, (TensorRtOptions**))                                                \
  X(update_tensorrt_options, 172, Status*, (TensorRtOptions*, const char* const*, const char* const*, size_t)) \
  X(release_tensorrt_options, 174, void, (TensorRtOptions*))                                                   \
  X(append_cuda, 204, Status*, (SessionOptions*, const CudaOptions*))                                          \
  X(create_cuda_options, 205, Status*, (CudaOptions**))                                                        \
  X(update_cuda_options, 206, Status*, (CudaOptions*, const char* const*, const char* const*, size_t))         \
  X(release_cuda_options, 208, void, (CudaOptions*))                                                           \
  X(set_tensorrt_pointer, 261, Status*, (TensorRtOptions*, const char* key, void*))                            \
  X(set_cuda_pointer, 263, Status*, (CudaOptions*, const char* key, void*))

// The functions of one onnxruntime. Any thread.
struct Functions {
#define DIPTYCH_DECLARE(member, place, Result, parameters) Result(*member) parameters = nullptr;
  DIPTYCH_ORT_FUNCTIONS(DIPTYCH_DECLARE)
#undef DIPTYCH_DECLARE
};

}  // namespace diptych::ort
