// SPDX-License-Identifier: Apache-2.0
// Landlock, seccomp and limits, in that order.
#include "lists/update/program_sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

#include "base/file.h"

namespace parapet::lists {
namespace {

// What the dynamic linker, glibc, libgcrypt and gpgv of Debian 12 ask for.
constexpr std::array kAllowed{
    SCMP_SYS(execve),
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(lseek),
    SCMP_SYS(dup),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getcwd),
    SCMP_SYS(uname),
    SCMP_SYS(setrlimit),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

constexpr std::uint64_t kAllFileAccess = (std::uint64_t{LANDLOCK_ACCESS_FS_MAKE_SYM} << 1) - 1;  // of the first version

Status limit(__rlimit_resource_t resource, std::uint64_t value, const char* what) {
  const rlimit limits{value, value};
  if (::setrlimit(resource, &limits) != 0) return fail_errno(std::string("limiting ") + what);
  return {};
}

Status allow_below(int rules, const char* path, std::uint64_t access) {
  const Fd place(::open(path, O_PATH | O_CLOEXEC));
  if (!place.valid()) return fail_errno(std::string("opening ") + path);
  const landlock_path_beneath_attr rule{access, place.get()};
  if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return fail_errno(std::string("allowing ") + path);
  }
  return {};
}

// landlock(7). A kernel without it leaves the rights of files as the only guard.
Status take_files(const char* program) {
  const landlock_ruleset_attr handled{.handled_access_fs = kAllFileAccess};
  const Fd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0)));
  if (!rules.valid()) {
    if (errno == ENOSYS || errno == EOPNOTSUPP) return {};
    return fail_errno("making rules for files");
  }
  constexpr std::uint64_t kRun = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
  for (const char* path : {program, "/usr/lib"}) {  // the dynamic linker stands there too
    if (auto status = allow_below(rules.get(), path, kRun); !status) return status;
  }
  if (auto status = allow_below(rules.get(), "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE); !status) return status;
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return fail_errno("giving up files");
  return {};
}

struct Releaser {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};

Status filter_system_calls() {
  const std::unique_ptr<void, Releaser> filter(::seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return fail(ErrorCode::unavailable, "libseccomp makes no filter");
  int failed = 0;
  for (const int call : kAllowed) failed |= ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
  if (failed != 0) return fail(ErrorCode::unavailable, "libseccomp does not know one of the system calls");
  if (::seccomp_load(filter.get()) != 0) {
    return fail(ErrorCode::unavailable, "the kernel takes no filter of system calls");
  }
  return {};
}

}  // namespace

Status enter_program_sandbox(const char* program, const ProgramLimits& limits) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail_errno("asking to die with the parent");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("giving up new privileges");
  if (auto status = take_files(program); !status) return status;
  if (auto status = limit(RLIMIT_CORE, 0, "core dumps"); !status) return status;
  if (auto status = limit(RLIMIT_FSIZE, 0, "written files"); !status) return status;
  if (auto status = limit(RLIMIT_CPU, limits.cpu_seconds, "processor time"); !status) return status;
  if (auto status = filter_system_calls(); !status) return status;
  return limit(RLIMIT_AS, limits.memory_bytes, "memory");  // last, since a sanitizer has reserved more than that
}

}  // namespace parapet::lists
