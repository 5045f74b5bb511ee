// Breaks the context on purpose, so that the way out of it can be tried.
#include "kernel.h"
#include "sabotage.h"

using diptych::cuda::SabotageParams;

DIPTYCH_KERNEL(sabotage, SabotageParams) {
  *reinterpret_cast<volatile int*>(params.address + DIPTYCH_X) = DIPTYCH_Y + DIPTYCH_Z;
}
