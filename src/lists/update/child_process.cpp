// SPDX-License-Identifier: Apache-2.0
// Spawning, feeding, reading and reaping the child.
#include "lists/update/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

#include "base/clock.h"

namespace parapet::lists {
namespace {

constexpr int kEndingAllowanceMs = 5000;

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// A started child; killed and reaped when it goes.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    static_cast<void>(reap());
  }
  bool has_ended_within(int milliseconds) const noexcept {
    const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));  // glibc 2.36 declares it for C alone
    pollfd waited{handle.get(), POLLIN, 0};
    return !handle.valid() || ::poll(&waited, 1, milliseconds) > 0;
  }
  int reap() noexcept {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

Result<pid_t> spawn(const ChildRun& run, const Pipe& in, const Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, run.feed_fd, kFeedFd);
  if (run.entries_fd >= 0) ::posix_spawn_file_actions_adddup2(&actions, run.entries_fd, kEntriesFd);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = "parapetd-" + std::string(run.name);
  std::string argument(run.argument);
  char* const arguments[] = {name.data(), argument.data(), nullptr};
  char path[] = "PATH=/usr/bin:/bin";
  char* const environment[] = {path, nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, run.program.c_str(), &actions, &attributes, arguments, environment);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    errno = error;
    return fail_errno("starting the " + std::string(run.name) + " child");
  }
  return pid;
}

// The child reads all of it before it does anything else, so this waits for it to be scheduled, no more.
Status send_request(const Fd& to, const ChildRun& run) {
  ByteView bytes = run.request;
  while (!bytes.empty()) {
    const ssize_t written = ::write(to.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return {};  // it ended; how, its status will tell
    if (written < 0) return fail_errno("writing to the " + std::string(run.name) + " child");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::vector<std::uint8_t>> receive_reply(const Fd& from, const StopSignal& stop, const ChildRun& run) {
  constexpr std::size_t kStep = 64 << 10;
  const std::string who = "the " + std::string(run.name) + " child";
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + run.allowance_ms * 1'000'000;
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    if (now >= end) return fail(ErrorCode::timeout, who + " took too long and was killed");
    pollfd waited[2] = {{from.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int ready = ::poll(waited, 2, static_cast<int>(std::min<Nanoseconds>((end - now) / 1'000'000 + 1, 60'000)));
    if (ready < 0 && errno != EINTR) return fail_errno("waiting for " + who);
    if (ready <= 0) continue;
    if (waited[1].revents != 0) return fail(ErrorCode::unavailable, "stopping");
    if (bytes.size() > run.max_reply) return fail(ErrorCode::limit, who + " says too much and was killed");
    const std::size_t at = bytes.size();
    bytes.resize(at + kStep);
    const ssize_t got = ::read(from.get(), bytes.data() + at, kStep);
    bytes.resize(at + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) return fail_errno("reading from " + who);
    if (got == 0) return bytes;
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> run_child(const ChildRun& run, const StopSignal& stop) {
  auto in = make_pipe();
  if (!in) return std::unexpected(in.error());
  auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  auto pid = spawn(run, *in, *out);
  if (!pid) return std::unexpected(pid.error());
  Child child(*pid);
  in->read_end = Fd();
  out->write_end = Fd();
  if (auto sent = send_request(in->write_end, run); !sent) return std::unexpected(sent.error());
  in->write_end = Fd();
  auto reply = receive_reply(out->read_end, stop, run);
  if (!reply) return std::unexpected(reply.error());
  const std::string who = "the " + std::string(run.name) + " child";
  if (!child.has_ended_within(kEndingAllowanceMs)) {
    return fail(ErrorCode::timeout, who + " did not end after its reply and was killed");
  }
  const int status = child.reap();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const bool by_signal = WIFSIGNALED(status);
    return fail(ErrorCode::unavailable, who + " ended with " + (by_signal ? "signal " : "status ") +
                                            std::to_string(by_signal ? WTERMSIG(status) : WEXITSTATUS(status)));
  }
  if (reply->empty()) return fail(ErrorCode::unavailable, who + " ended without a reply");
  return reply;
}

}  // namespace parapet::lists
