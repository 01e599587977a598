// SPDX-License-Identifier: Apache-2.0
// Reading and writing a person's key.
#include "approval/key_file.h"

#include <sodium.h>
#include <sys/stat.h>
#include <cstring>

#include "base/file.h"
#include "base/secret.h"
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
  std::array<char, sodium_base64_ENCODED_LEN(sizeof(Seed), sodium_base64_VARIANT_ORIGINAL)> seed{};
  ::sodium_bin2base64(seed.data(), seed.size(), key.seed.data(), key.seed.size(), sodium_base64_VARIANT_ORIGINAL);
  std::string text = std::string(kTitle) + key.name + std::string(kSeed) + seed.data() + "\n";
  auto written = replace_file(path, bytes_of(text), 0600);
  wipe(text.data(), text.size());
  wipe(seed.data(), seed.size());
  return written;
}

Result<PersonalKey> read_key_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission, path + " can be read by others; it must have mode 0600");
  }
  auto bytes = read_file(path, kMaxKeyFile);
  if (!bytes) return std::unexpected(bytes.error());
  const auto text = text_of(*bytes);
  const auto seed_at = text.find(kSeed);
  PersonalKey key;
  std::size_t got = 0;
  bool fits = text.starts_with(kTitle) && seed_at != std::string_view::npos && text.ends_with('\n');
  if (fits) {
    key.name = text.substr(kTitle.size(), seed_at - kTitle.size());
    const auto seed = text.substr(seed_at + kSeed.size(), text.size() - seed_at - kSeed.size() - 1);
    fits = config::is_name(key.name) &&
           ::sodium_base642bin(key.seed.data(), key.seed.size(), seed.data(), seed.size(), nullptr, &got, nullptr,
                               sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == key.seed.size();
  }
  wipe(*bytes);
  if (!fits) return fail(ErrorCode::malformed, path + " is no key file of `parapet key new`");
  return key;
}

}  // namespace parapet::approval
