// A library without functions, under the name of NVIDIA's for encoding: src/cuda/encoder_library.hpp.
