/* Preloaded into a program: its wall clock is DIPTYCH_TEST_SHIFT_S ahead; the monotonic clock is as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* Waits until a wall time have at least so many seconds since 1970; monotonic ones have fewer. */
#define WALL_TIME_S 1000000000L

static long shift_s(void) {
  static long known;
  if (known == 0) known = atol(getenv("DIPTYCH_TEST_SHIFT_S"));
  return known;
}

static void *next(const char *name) {
  void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
  return found ? found : dlsym(RTLD_NEXT, name);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = next("clock_gettime");
  int failed = real(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift_s();
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  static int (*real)(struct timeval *, void *);
  if (!real) real = next("gettimeofday");
  int failed = real(now, zone);
  if (!failed) now->tv_sec += shift_s();
  return failed;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!real) real = next("pthread_cond_timedwait");
  struct timespec kernel = *until;
  if (kernel.tv_sec > WALL_TIME_S) kernel.tv_sec -= shift_s();
  return real(cond, mutex, &kernel);
}
