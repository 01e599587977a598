// SPDX-License-Identifier: Apache-2.0
// The verifying child: starts gpgv over memory without names, and tells what it said.
#include "lists/update/openpgp_child.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "lists/update/child_io.h"
#include "lists/update/child_process.h"
#include "lists/update/feed_memory.h"
#include "lists/update/openpgp_frames.h"
#include "lists/update/program_sandbox.h"

namespace parapet::lists {
namespace {

constexpr const char* kGpgv = "/usr/bin/gpgv";
constexpr ProgramLimits kGpgvLimits{256 << 20, 120};
constexpr int kNotStarted = 127;

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// Stays open when this process becomes another.
Result<Fd> to_memory(ByteView bytes) {
  Fd fd(::memfd_create("parapet-openpgp", 0));
  if (!fd.valid()) return fail_errno("making memory for gpgv");
  if (auto status = write_feed(fd.get(), bytes); !status) return std::unexpected(status.error());
  return fd;
}

// Hashes with known collisions sign nothing (judge_openpgp looks again). A clock that was set back makes no key one of
// the future.
std::vector<std::string> arguments_of(const std::vector<Fd>& keyrings, const Fd& signature) {
  std::vector<std::string> arguments{kGpgv,       "--homedir",     "/nonexistent", "--status-fd",
                                     "1",         "--weak-digest", "SHA1",         "--weak-digest",
                                     "RIPEMD160", "--weak-digest", "MD5",          "--ignore-time-conflict"};
  for (const auto& keyring : keyrings) {
    arguments.emplace_back("--keyring");
    arguments.push_back(path_of(keyring.get()));
  }
  arguments.push_back(path_of(signature.get()));
  arguments.push_back(path_of(kFeedFd));
  return arguments;
}

// Never comes back.
[[noreturn]] void become_gpgv(const std::vector<std::string>& arguments, int status_fd) {
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  char locale[] = "LC_ALL=C";
  char home[] = "HOME=/nonexistent";  // else it asks who it is
  char* const environment[] = {locale, home, nullptr};
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);  // for people's eyes only, and not trusted
  const bool is_ready = nowhere >= 0 && ::dup2(nowhere, STDIN_FILENO) >= 0 && ::dup2(nowhere, STDERR_FILENO) >= 0 &&
                        ::dup2(status_fd, STDOUT_FILENO) >= 0 && enter_program_sandbox(kGpgv, kGpgvLimits).has_value();
  if (is_ready) ::execve(kGpgv, words.data(), environment);
  ::_exit(kNotStarted);
}

// What it writes, up to one byte more than is taken.
std::string read_status(const Fd& from) {
  std::string status(kMaxOpenPgpStatus + 1, '\0');
  std::size_t filled = 0;
  while (filled < status.size()) {
    const ssize_t got = ::read(from.get(), status.data() + filled, status.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  status.resize(filled);
  return status;
}

Result<OpenPgpAnswer> run_gpgv(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  OpenPgpAnswer answer{-1, {}, read_clock(CLOCK_REALTIME)};
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("starting gpgv");
  if (pid == 0) become_gpgv(arguments, write_end.get());
  write_end = Fd();
  answer.status = read_status(read_end);
  read_end = Fd();  // who writes on is told so
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) answer.exit_status = WEXITSTATUS(status);
  if (answer.exit_status == kNotStarted) {
    return fail(ErrorCode::unavailable, "gpgv cannot be started (Debian: package gpgv)");
  }
  if (answer.status.size() > kMaxOpenPgpStatus) return fail(ErrorCode::limit, "gpgv says too much");
  return answer;
}

Result<OpenPgpAnswer> verify_feed_memory(const OpenPgpRequest& request) {
  std::vector<Fd> keyrings;
  for (const auto& bytes : request.keyrings) {
    auto keyring = to_memory(bytes);
    if (!keyring) return std::unexpected(keyring.error());
    keyrings.push_back(std::move(*keyring));
  }
  const auto signature = to_memory(bytes_of(request.signature));
  if (!signature) return std::unexpected(signature.error());
  return run_gpgv(arguments_of(keyrings, *signature));
}

}  // namespace

int run_openpgp_child() {
  if (!begin_child()) return kChildFailed;
  auto bytes = read_request_bytes();
  if (!bytes) return kChildFailed;
  auto request = parse_openpgp_request(*bytes);
  if (!request) return kChildFailed;
  return write_reply(format_openpgp_reply(verify_feed_memory(*request))) ? kChildReplied : kChildFailed;
}

}  // namespace parapet::lists
