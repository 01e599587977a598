// SPDX-License-Identifier: Apache-2.0
// Reading and writing a person's key.
#include "approval/key_file.h"

#include <sys/stat.h>

#include "approval/base64.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/secret_file.h"
#include "config/toml_table.h"

namespace parapet::approval {
namespace {

constexpr std::string_view kTitle = "parapet key 1\nname: ";
constexpr std::string_view kSeed = "\nseed: ";
constexpr std::size_t kMaxKeyFile = 256;

}  // namespace

Status write_key_file(const std::string& path, const PersonalKey& key) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return fail(ErrorCode::refused, path + " exists already");
  std::string seed = to_base64(key.seed);
  std::string text = std::string(kTitle) + key.name + std::string(kSeed) + seed + "\n";
  auto written = replace_file(path, bytes_of(text), 0600);
  wipe(text.data(), text.size());
  wipe(seed.data(), seed.size());
  return written;
}

Result<PersonalKey> read_key_file(const std::string& path) {
  if (const auto file = open_secret_file(path, "key file"); !file) return std::unexpected(file.error());
  auto bytes = read_file(path, kMaxKeyFile);
  if (!bytes) return std::unexpected(bytes.error());
  const auto text = text_of(*bytes);
  const auto seed_at = text.find(kSeed);
  PersonalKey key;
  bool fits = text.starts_with(kTitle) && seed_at != std::string_view::npos && text.ends_with('\n');
  if (fits) {
    key.name = text.substr(kTitle.size(), seed_at - kTitle.size());
    const auto seed = text.substr(seed_at + kSeed.size(), text.size() - seed_at - kSeed.size() - 1);
    fits = config::is_name(key.name) && from_base64(seed, key.seed);
  }
  wipe(*bytes);
  if (!fits) return fail(ErrorCode::malformed, path + " is no key file of `parapet key new`");
  return key;
}

}  // namespace parapet::approval
