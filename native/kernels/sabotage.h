#pragma once

#include "params.h"

namespace diptych::cuda {

struct SabotageParams {
  // Nobody's memory.
  uint64_t address;
};

}  // namespace diptych::cuda
