// A stand-in for libnvbufsurface.so: surfaces whose memory is the host's, and counts of what was asked.
#include <cstdint>
#include <cstring>

namespace {

int mapped = 0;
int synced = 0;
int failure = 0;

}  // namespace

extern "C" {

// By the places documented for NvBufSurface (surfaceList) and NvBufSurfaceParams (planeParams.offset,
// mappedAddr, and dataPtr, which a surface array would not have: here it is where the pixels are).
int NvBufSurfaceMap(void* surface, int index, int plane, int how) {
  if (failure == 1 || index != 0 || plane != -1 || how != 0) return -1;
  char* params = *reinterpret_cast<char**>(static_cast<char*>(surface) + 24);
  char* pixels = *reinterpret_cast<char**>(params + 40);
  for (int each = 0; each < 2; ++each) {
    uint32_t offset = 0;
    std::memcpy(&offset, params + 48 + 4 + 3 * 16 + 4 * each, sizeof(offset));
    *reinterpret_cast<char**>(params + 280 + 8 * each) = pixels + offset;
  }
  ++mapped;
  return 0;
}

int NvBufSurfaceUnMap(void*, int, int) {
  --mapped;
  return 0;
}

int NvBufSurfaceSyncForCpu(void*, int, int) {
  if (failure == 2) return -1;
  ++synced;
  return 0;
}

// Only here: what is mapped now, how often it was synchronised, and what is to fail (1 map, 2 sync).
int soft_mapped() { return mapped; }
int soft_synced() { return synced; }
void soft_fail(int what) { failure = what; }
}
