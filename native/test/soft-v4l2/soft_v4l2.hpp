#pragma once

// A V4L2 camera for machines without one: loaded with LD_PRELOAD, it answers for one path what the kernel would for a
// webcam. GStreamer's v4l2src and our own look at the device run on it as they are.
//
// SOFT_V4L2_PATH: the device, such as /dev/video90. SOFT_V4L2_FOLDER: files there say what happens:
//   plugged        without it there is no such device; taken away while it sends, it was unplugged
//   denied, busy   it may not be opened; another program streams from it
//   MJPG, H264     folders with pictures 000, 001, … of 640×360; plain pixels are drawn here

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>

// The stand-in for a V4L2 camera, as the functions of the C library in soft_libc.cpp see it.
namespace soft {

// The function of the C library that this library stands before.
template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Whether a path is that of the device.
bool is_device(const char* path);
// Whether a descriptor is one of it.
bool is_ours(int fd);
// Whether it is plugged in.
bool is_plugged();
// Sets errno. Always -1.
int fail(int code);

int open_device();
int stat_device(struct stat* status);
int answer(int fd, unsigned long request, void* argument);
void forget(int fd);
void note_copy(int fd, int copy);
// Memory of the buffer at `offset`, of so many bytes.
void* map_buffer(size_t length, off_t offset);

}  // namespace soft
