// SPDX-License-Identifier: Apache-2.0
// Writing and checking keyed files.
#include "lists/publish/keyed_file.h"

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace parapet::lists {

Status write_keyed_file(const std::string& path, ByteView bytes, const digest::Key& key) {
  const digest::Digest checksum = digest::checksum(key, bytes);
  std::vector<std::uint8_t> whole(sizeof checksum + bytes.size());
  std::memcpy(whole.data(), &checksum, sizeof checksum);
  std::ranges::copy(bytes, whole.begin() + sizeof checksum);
  return replace_file(path, whole, 0600);
}

Result<std::vector<std::uint8_t>> read_keyed_file(const std::string& path, std::size_t limit, const digest::Key& key) {
  auto whole = read_file(path, limit + sizeof(digest::Digest));
  if (!whole) return whole;
  digest::Digest checksum;
  if (whole->size() >= sizeof checksum) {
    std::memcpy(&checksum, whole->data(), sizeof checksum);
    whole->erase(whole->begin(), whole->begin() + sizeof checksum);
    if (digest::checksum(key, *whole) == checksum) return whole;
  }
  return fail(ErrorCode::integrity, path + " was changed, or was made with another digest key");
}

Result<std::vector<std::uint8_t>> read_keyed_file_if_any(const std::string& path, std::size_t limit,
                                                         const digest::Key& key) {
  auto bytes = read_keyed_file(path, limit, key);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::vector<std::uint8_t>{};
  if (bytes && bytes->empty()) return fail(ErrorCode::malformed, path + " says nothing");
  return bytes;
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("removing " + path);
  return {};
}

}  // namespace parapet::lists
