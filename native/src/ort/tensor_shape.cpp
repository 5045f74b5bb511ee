#include "ort/tensor_shape.hpp"

#include <utility>

namespace diptych::ort {

namespace {

using CountOf = Status* (*)(const Session*, size_t*);
using NameOf = Status* (*)(const Session*, size_t, Allocator*, char**);
using TypeOf = Status* (*)(const Session*, size_t, TypeInfo**);

std::vector<NamedShape> list(const Library& library, const Session* session, CountOf count_of, NameOf name_of,
                             TypeOf type_of) {
  size_t count = 0;
  library.check(count_of(session, &count));
  std::vector<NamedShape> all;
  for (size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    library.check(name_of(session, i, library.allocator(), &name));
    NamedShape named{name, {}};
    library.check(library->allocator_free(library.allocator(), name));
    const auto type =
        make<TypeInfo>(library, library->release_type_info, [&](TypeInfo** to) { return type_of(session, i, to); });
    const TensorInfo* info = nullptr;
    library.check(library->cast_to_tensor_info(type.get(), &info));
    // Null for what is no tensor.
    if (info != nullptr) named.shape = shape_of(library, info);
    all.push_back(std::move(named));
  }
  return all;
}

}  // namespace

TensorShape shape_of(const Library& library, const TensorInfo* info) {
  TensorShape shape;
  library.check(library->element_type(info, &shape.type));
  size_t rank = 0;
  library.check(library->rank(info, &rank));
  shape.dims.resize(rank);
  library.check(library->dimensions(info, shape.dims.data(), rank));
  return shape;
}

std::vector<NamedShape> inputs_of(const Library& library, const Session* session) {
  return list(library, session, library->input_count, library->input_name, library->input_type);
}

std::vector<NamedShape> outputs_of(const Library& library, const Session* session) {
  return list(library, session, library->output_count, library->output_name, library->output_type);
}

size_t elements(const std::vector<int64_t>& dims) {
  size_t count = 1;
  for (const int64_t dim : dims) count *= static_cast<size_t>(dim);
  return count;
}

std::string text_of(const std::vector<int64_t>& dims) {
  std::string text;
  for (size_t i = 0; i < dims.size(); ++i) {
    text += (i == 0 ? "" : "×") + (dims[i] < 0 ? std::string("?") : std::to_string(dims[i]));
  }
  return text;
}

}  // namespace diptych::ort
