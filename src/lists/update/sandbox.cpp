// SPDX-License-Identifier: Apache-2.0
// Limits of resources and a filter of system calls.
#include "lists/update/sandbox.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <memory>

namespace parapet::lists {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PARAPET_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PARAPET_ASAN 1
#endif
#if defined(PARAPET_ASAN)
constexpr bool kIsWatched = true;  // a sanitizer reserves terabytes, and looks for leaks at the end
#else
constexpr bool kIsWatched = false;
#endif

constexpr std::array kAllowed{
    SCMP_SYS(read),         SCMP_SYS(pread64),       SCMP_SYS(write),        SCMP_SYS(close),
    SCMP_SYS(fstat),        SCMP_SYS(newfstatat),    SCMP_SYS(lseek),        SCMP_SYS(brk),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),        SCMP_SYS(madvise),      SCMP_SYS(futex),
    SCMP_SYS(getrandom),    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getpid),
    SCMP_SYS(gettid),       SCMP_SYS(tgkill),        SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),   SCMP_SYS(exit),         SCMP_SYS(exit_group),
};

constexpr std::array kAllowedWhenWatched{
    SCMP_SYS(mmap),        SCMP_SYS(mprotect),   SCMP_SYS(open),      SCMP_SYS(openat),    SCMP_SYS(readlink),
    SCMP_SYS(clone),       SCMP_SYS(ptrace),     SCMP_SYS(wait4),     SCMP_SYS(prctl),     SCMP_SYS(getppid),
    SCMP_SYS(sched_yield), SCMP_SYS(getdents64), SCMP_SYS(getrusage), SCMP_SYS(prlimit64), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(dup),         SCMP_SYS(dup2),       SCMP_SYS(fcntl),     SCMP_SYS(ioctl),     SCMP_SYS(unlink),
    SCMP_SYS(stat),        SCMP_SYS(arch_prctl),
};

Status limit(int resource, std::uint64_t value, const char* what) {
  const rlimit limits{value, value};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limits) != 0) {
    return fail_errno(std::string("limiting ") + what);
  }
  return {};
}

std::uint64_t mapped_bytes() {
  std::uint64_t pages = 0;
  std::FILE* statm = std::fopen("/proc/self/statm", "re");
  if (statm != nullptr) {
    unsigned long long first = 0;
    if (std::fscanf(statm, "%llu", &first) == 1) pages = first;
    std::fclose(statm);
  }
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

struct Releaser {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};

Status filter_system_calls() {
  const std::unique_ptr<void, Releaser> filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return fail(ErrorCode::unavailable, "libseccomp makes no filter");
  int failed = 0;
  const auto allow = [&](int call) { failed |= ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0); };
  for (const int call : kAllowed) allow(call);
  if (kIsWatched) {
    for (const int call : kAllowedWhenWatched) allow(call);
  } else {
    const scmp_arg_cmp never_executable{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
      failed |= ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, 1, &never_executable);
    }
  }
  if (failed != 0) return fail(ErrorCode::unavailable, "libseccomp does not know one of the system calls");
  if (::seccomp_load(filter.get()) != 0)
    return fail(ErrorCode::unavailable, "the kernel takes no filter of system calls");
  return {};
}

}  // namespace

Status enter_sandbox(const SandboxLimits& limits) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("giving up new privileges");
  if (auto status = limit(RLIMIT_CPU, limits.cpu_seconds, "processor time"); !status) return status;
  if (auto status = limit(RLIMIT_FSIZE, limits.written_bytes, "written memory"); !status) return status;
  if (!kIsWatched) {
    if (auto status = limit(RLIMIT_AS, mapped_bytes() + limits.memory_bytes, "memory"); !status) return status;
  }
  return filter_system_calls();
}

}  // namespace parapet::lists
