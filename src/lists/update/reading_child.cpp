// SPDX-License-Identifier: Apache-2.0
// The reading child: fetch → verify → read → canonicalise → guard → digest.
#include "lists/update/reading_child.h"

#include <sys/prctl.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

#include "base/secret.h"
#include "lists/compile/digest_feed.h"
#include "lists/fetch/fetch.h"
#include "lists/update/child_frames.h"
#include "lists/verify/verify.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxRequest = 64 << 10;

Result<std::vector<std::uint8_t>> read_request_bytes() {
  std::vector<std::uint8_t> bytes(kMaxRequest);
  std::size_t filled = 0;
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the request");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled == bytes.size()) return fail(ErrorCode::limit, "the request is too long");
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

Authorization to_authorization(config::CredentialsKind kind) {
  switch (kind) {
    case config::CredentialsKind::basic: return Authorization::basic;
    case config::CredentialsKind::bearer: return Authorization::bearer;
    case config::CredentialsKind::none: break;
  }
  return Authorization::none;
}

Result<ReadReply> read_source(const ReadRequest& request, const digest::Key& key) {
  const auto& source = request.source;
  auto fetched = fetch_feed({.url = source.url,
                             .ca_file = source.ca_file,
                             .authorization = to_authorization(source.credentials),
                             .credentials_file = source.credentials_file,
                             .etag = request.etag,
                             .last_modified = request.last_modified,
                             .deadline_ms = source.deadline_ms,
                             .max_size_bytes = source.max_size_bytes});
  if (!fetched) return std::unexpected(fetched.error().within("fetch"));
  auto* raw = std::get_if<RawFeed>(&*fetched);
  if (raw == nullptr) return NotModified{};
  auto verified = verify_feed(std::move(*raw), source.max_size_bytes);
  if (!verified) return std::unexpected(verified.error().within("verify"));
  auto list = digest_feed(*verified, source, key);
  if (!list) return std::unexpected(list.error().within("read"));
  return std::move(*list);
}

}  // namespace

int run_reading_child() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || !deny_core_dumps()) return 3;
  auto bytes = read_request_bytes();
  if (!bytes) return 3;
  auto request = parse_request(*bytes);
  if (!request) return 3;
  auto key = digest::StoredKey::load(request->digest_key_file);
  if (!key) return 3;
  return write_reply(format_reply(read_source(*request, key->key()), key->key())) ? 0 : 3;
}

}  // namespace parapet::lists
