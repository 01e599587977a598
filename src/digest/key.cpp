// SPDX-License-Identifier: Apache-2.0
// Key files, key ids and keyed checksums.
#include "digest/key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace parapet::digest {
namespace {

// Domains keep the digests of unlike things apart. Names (name.h) begin with words whose top byte is 0x01..0x3f.
constexpr std::uint64_t kKeyIdDomain = 0xff00000000000001;
constexpr std::uint64_t kChecksumDomain = 0xff00000000000002;

Status fill_random(MutableBytes bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno != EINTR) return fail_errno("getting random bytes");
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace

KeyId key_id(const Key& key) noexcept {
  SipState state(key);
  state.feed(kKeyIdDomain);
  const std::uint64_t low = state.low();
  KeyId id;
  std::memcpy(id.data(), &low, id.size());
  return id;
}

Digest checksum(const Key& key, ByteView bytes) noexcept {
  SipState state(key);
  state.feed(kChecksumDomain);
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) state.feed(load_le64(bytes.data() + at));
  std::uint64_t last = 0;
  if (at < bytes.size()) std::memcpy(&last, bytes.data() + at, bytes.size() - at);
  state.feed(last);
  state.feed(bytes.size());
  return state.digest();
}

Result<StoredKey> StoredKey::load(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("opening digest key " + path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading digest key " + path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::malformed, "digest key " + path + " is not a regular file");
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission, "digest key " + path + " can be read by others than its owner; chmod 0600 it");
  }
  auto memory = SecretMemory::allocate(sizeof(Key));
  if (!memory) return std::unexpected(memory.error());
  if (status.st_size != sizeof(Key) ||
      ::read(fd.get(), memory->bytes().data(), sizeof(Key)) != static_cast<ssize_t>(sizeof(Key))) {
    return fail(ErrorCode::malformed, "digest key " + path + " must have exactly 16 bytes");
  }
  StoredKey stored(std::move(*memory));
  if (stored.key().k0 == 0 && stored.key().k1 == 0) {
    return fail(ErrorCode::malformed, "digest key " + path + " is all zeros");
  }
  return stored;
}

Result<StoredKey> StoredKey::load_or_create(const std::string& path) {
  auto loaded = load(path);
  if (loaded || loaded.error().code != ErrorCode::not_found) return loaded;
  auto fresh = random();
  if (!fresh) return fresh;
  if (auto written = replace_file(path, fresh->memory_.bytes(), 0600); !written) {
    return std::unexpected(written.error().within("making the digest key"));
  }
  return fresh;
}

Result<StoredKey> StoredKey::random() {
  auto memory = SecretMemory::allocate(sizeof(Key));
  if (!memory) return std::unexpected(memory.error());
  if (auto filled = fill_random(memory->bytes()); !filled) return std::unexpected(filled.error());
  return StoredKey(std::move(*memory));
}

}  // namespace parapet::digest
