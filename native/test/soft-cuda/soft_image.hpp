#pragma once

#include <cstdint>

// In front of a shared library: what softnvrtc makes as a "cubin" and softcuda loads.
constexpr char kSoftImageMagic[8] = {'S', 'O', 'F', 'T', 'C', 'U', 'D', 'A'};

struct SoftImageHeader {
  char magic[8];
  uint64_t size;
};
