// SPDX-License-Identifier: Apache-2.0
// Standard input and output of a child.
#include "lists/update/child_io.h"

#include <sys/prctl.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

#include "base/secret.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxRequest = 256 << 20;  // guard data among it
constexpr std::size_t kStep = 64 << 10;

}  // namespace

Status begin_child(int last_fd) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail_errno("asking to die with the parent");
  if (::close_range(static_cast<unsigned>(last_fd) + 1, ~0U, 0) != 0)
    return fail_errno("closing what the parent has open");
  return deny_core_dumps();
}

Result<std::vector<std::uint8_t>> read_request_bytes() {
  std::vector<std::uint8_t> bytes;
  std::size_t filled = 0;
  for (;;) {
    if (filled > kMaxRequest) return fail(ErrorCode::limit, "the request is too long");
    bytes.resize(filled + kStep);
    const ssize_t got = ::read(STDIN_FILENO, bytes.data() + filled, kStep);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the request");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

bool write_reply(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace parapet::lists
