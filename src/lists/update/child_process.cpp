// SPDX-License-Identifier: Apache-2.0
// Spawning, feeding, reading and reaping the child.
#include "lists/update/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

#include "base/clock.h"
#include "lists/guard/guard.h"
#include "lists/update/reading_child.h"

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

Result<pid_t> spawn(const std::string& program, const Pipe& in, const Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  char name[] = "parapetd-reader";
  char argument[] = "--read-source";
  static_assert(std::string_view(kReadingChildArgument) == "--read-source");
  char* const arguments[] = {name, argument, nullptr};
  char path[] = "PATH=/usr/bin:/bin";
  char* const environment[] = {path, nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environment);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    errno = error;
    return fail_errno("starting the reading child");
  }
  return pid;
}

// A pipe takes 64 KiB at once, which a request never fills.
Status send_request(const Fd& to, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return {};  // it ended; how, its status will tell
    if (written < 0) return fail_errno("writing to the reading child");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::vector<std::uint8_t>> receive_reply(const Fd& from, const StopSignal& stop, std::uint64_t allowance_ms) {
  constexpr std::size_t kMaxReply = 4096 + 48 * kMaxEntries;
  constexpr std::size_t kStep = 64 << 10;
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + allowance_ms * 1'000'000;
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    if (now >= end) return fail(ErrorCode::timeout, "the reading child took too long and was killed");
    pollfd waited[2] = {{from.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int ready = ::poll(waited, 2, static_cast<int>(std::min<Nanoseconds>((end - now) / 1'000'000 + 1, 60'000)));
    if (ready < 0 && errno != EINTR) return fail_errno("waiting for the reading child");
    if (ready <= 0) continue;
    if (waited[1].revents != 0) return fail(ErrorCode::unavailable, "stopping");
    if (bytes.size() > kMaxReply) return fail(ErrorCode::limit, "the reading child says too much and was killed");
    const std::size_t at = bytes.size();
    bytes.resize(at + kStep);
    const ssize_t got = ::read(from.get(), bytes.data() + at, kStep);
    bytes.resize(at + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) return fail_errno("reading from the reading child");
    if (got == 0) return bytes;
  }
}

}  // namespace

Result<StopSignal> StopSignal::make() {
  Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) return fail_errno("making an event descriptor");
  return StopSignal(std::move(fd));
}

void StopSignal::raise() const noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(fd_.get(), &one, sizeof one));
}

bool StopSignal::raised() const noexcept { return wait_ms(0); }

bool StopSignal::wait_ms(std::uint64_t milliseconds) const noexcept {
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + milliseconds * 1'000'000;
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    const std::uint64_t left = now >= end ? 0 : (end - now + 999'999) / 1'000'000;
    pollfd waited{fd_.get(), POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(std::min<std::uint64_t>(left, 60'000))) > 0) return true;
    if (left == 0) return false;
  }
}

Result<ReadReply> run_child(const std::string& program, const ReadRequest& request, const digest::Key& key,
                            const StopSignal& stop, std::uint64_t reading_allowance_ms) {
  auto in = make_pipe();
  if (!in) return std::unexpected(in.error());
  auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  auto pid = spawn(program, *in, *out);
  if (!pid) return std::unexpected(pid.error());
  Child child(*pid);
  in->read_end = Fd();
  out->write_end = Fd();
  if (auto sent = send_request(in->write_end, format_request(request)); !sent) return std::unexpected(sent.error());
  in->write_end = Fd();
  auto reply = receive_reply(out->read_end, stop, request.source.deadline_ms + reading_allowance_ms);
  if (!reply) return std::unexpected(reply.error());
  if (!child.has_ended_within(kEndingAllowanceMs)) {
    return fail(ErrorCode::timeout, "the reading child did not end after its reply and was killed");
  }
  const int status = child.reap();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const bool by_signal = WIFSIGNALED(status);
    return fail(ErrorCode::unavailable, "the reading child ended with " +
                                            std::string(by_signal ? "signal " : "status ") +
                                            std::to_string(by_signal ? WTERMSIG(status) : WEXITSTATUS(status)));
  }
  return parse_reply(*reply, key, request.source.name);
}

}  // namespace parapet::lists
