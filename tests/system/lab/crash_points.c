// SPDX-License-Identifier: Apache-2.0
// Preloaded into parapetd: counts its calls that make files lasting, and ends the process, or fails the call, at one.
//   CRASH_AT=N     the number of the call, from 1; 0: none, count only
//   CRASH_HOW      before | after: kill -9 then; full: from then on nothing more goes to disk (ENOSPC)
//   CRASH_COUNT    a file into which the number of calls is written as it grows
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int disk_is_full;

static long crash_at(void) {
  const char* text = getenv("CRASH_AT");
  return text != NULL ? atol(text) : 0;
}

static int is_how(const char* how) {
  const char* text = getenv("CRASH_HOW");
  return text != NULL && strcmp(text, how) == 0;
}

static void tell(long count) {
  const char* path = getenv("CRASH_COUNT");
  if (path == NULL) return;
  const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  char text[32];
  const int length = snprintf(text, sizeof text, "%ld\n", count);
  static ssize_t (*real)(int, const void*, size_t, off_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  if (real(fd, text, (size_t)length, 0) != length) abort();
  close(fd);
}

// Returns 1 where the call must fail.
static int enter(void) {
  const long count = atomic_fetch_add(&calls, 1) + 1;
  tell(count);
  if (count == crash_at()) {
    if (is_how("before")) kill(getpid(), SIGKILL);
    if (is_how("full")) atomic_store(&disk_is_full, 1);
  }
  return atomic_load(&disk_is_full);
}

static void leave(void) {
  if (atomic_load(&calls) == crash_at() && is_how("after")) kill(getpid(), SIGKILL);
}

static int no_space(void) {
  errno = ENOSPC;
  return -1;
}

#define WRAPPED(name, parameters, arguments)                             \
  int name parameters {                                                  \
    static int(*real) parameters;                                        \
    if (real == NULL) real = (int(*) parameters)dlsym(RTLD_NEXT, #name); \
    if (enter()) return no_space();                                      \
    const int result = real arguments;                                   \
    leave();                                                             \
    return result;                                                       \
  }

WRAPPED(fsync, (int fd), (fd))
WRAPPED(fdatasync, (int fd), (fd))
WRAPPED(rename, (const char* from, const char* to), (from, to))

static int is_on_disk(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static ssize_t (*real)(int, const void*, size_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  if (atomic_load(&disk_is_full) && is_on_disk(fd)) return no_space();
  return real(fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static ssize_t (*real)(int, const void*, size_t, off_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  if (atomic_load(&disk_is_full) && is_on_disk(fd)) return no_space();
  return real(fd, bytes, size, offset);
}
