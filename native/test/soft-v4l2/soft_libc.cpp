// Functions of the C library that a process reaches a device with: for the stand-in they are answered here.
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>

#include "soft_v4l2.hpp"

using namespace soft;

extern "C" {

int open(const char* path, int flags, ...) {
  if (is_device(path)) return open_device();
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return real<int (*)(const char*, int, ...)>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  if (is_device(path)) return open_device();
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return real<int (*)(const char*, int, ...)>("open64")(path, flags, mode);
}

int close(int fd) {
  forget(fd);
  return real<int (*)(int)>("close")(fd);
}

int dup(int fd) {
  const int copy = real<int (*)(int)>("dup")(fd);
  note_copy(fd, copy);
  return copy;
}

int stat(const char* path, struct stat* status) {
  if (is_device(path)) return is_plugged() ? stat_device(status) : fail(ENOENT);
  return real<int (*)(const char*, struct stat*)>("stat")(path, status);
}

int stat64(const char* path, struct stat64* status) {
  if (is_device(path)) return stat(path, reinterpret_cast<struct stat*>(status));
  return real<int (*)(const char*, struct stat64*)>("stat64")(path, status);
}

int fstat64(int fd, struct stat64* status) {
  if (is_ours(fd)) return stat_device(reinterpret_cast<struct stat*>(status));
  return real<int (*)(int, struct stat64*)>("fstat64")(fd, status);
}

int fstat(int fd, struct stat* status) {
  return is_ours(fd) ? stat_device(status) : real<int (*)(int, struct stat*)>("fstat")(fd, status);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  // The upper half is not part of the number.
  if (is_ours(fd)) return answer(fd, request & 0xffffffffUL, argument);
  return real<int (*)(int, unsigned long, ...)>("ioctl")(fd, request, argument);
}

void* mmap(void* address, size_t length, int protection, int flags, int fd, off_t offset) {
  const auto map = real<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  if (fd < 0 || !is_ours(fd)) return map(address, length, protection, flags, fd, offset);
  return map_buffer(length, offset);
}

void* mmap64(void* address, size_t length, int protection, int flags, int fd, off64_t offset) {
  return mmap(address, length, protection, flags, fd, offset);
}

}  // extern "C"
