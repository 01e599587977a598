// SPDX-License-Identifier: Apache-2.0
// Comparing the configuration with that of the last start.
#include "control/configuration_record.h"

#include <cstring>
#include <map>

#include "base/frame_fields.h"
#include "config/key_values.h"
#include "config/toml_table.h"
#include "lists/publish/keyed_file.h"
#include "lists/publish/source_store.h"

namespace parapet::control {
namespace {

constexpr std::string_view kMagic = "PCF1";
constexpr std::size_t kMaxKeys = config::kMaxConfigFile;  // each has a byte at least
constexpr std::size_t kMaxFile = 64 << 20;

using Digests = std::map<std::string, digest::Digest>;  // of the value of each key

ByteView view_of(const digest::Digest& digest) {
  return {reinterpret_cast<const std::uint8_t*>(&digest), sizeof digest};
}

Digests digests_of(const std::vector<config::KeyValue>& values, const digest::Key& key) {
  Digests digests;
  for (const auto& each : values) {
    digests[each.key] = digest::checksum(key, bytes_of(each.key + '\n' + each.value));
  }
  return digests;
}

std::vector<std::uint8_t> format_digests(const Digests& digests) {
  FrameWriter writer(kMagic);
  writer.number(digests.size());
  for (const auto& [name, digest] : digests) {
    writer.text(name);
    writer.field(view_of(digest));
  }
  return std::move(writer.bytes);
}

Result<Digests> parse_digests(ByteView bytes) {
  FrameReader reader(bytes);
  Digests digests;
  reader.magic(kMagic);
  for (auto count = reader.number(kMaxKeys); count > 0; --count) {
    auto name = reader.text();
    const auto field = reader.field();
    digest::Digest digest{};
    if (field.size() == sizeof digest) std::memcpy(&digest, field.data(), sizeof digest);
    if (field.size() != sizeof digest) reader.reject();
    digests[std::move(name)] = digest;
  }
  if (!reader.complete()) return fail(ErrorCode::malformed, "cannot be read");
  return digests;
}

// Of the whole, as 32 hexadecimal digits.
std::string name_of(const Digests& digests, const digest::Key& key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto digest = digest::checksum(key, format_digests(digests));
  std::string text;
  for (const std::uint8_t byte : view_of(digest)) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

struct Difference {
  std::string added, removed, changed;  // names, with blanks between
  std::size_t count = 0;
  std::size_t unnamed = 0;

  void add(std::string& names, const std::string& name) {
    if (count++ < kMaxRecordedKeys) {
      names += (names.empty() ? "" : " ") + name;
    } else {
      ++unnamed;
    }
  }
};

Difference compare(const Digests& before, const Digests& now) {
  Difference difference;
  for (const auto& [name, digest] : now) {
    const auto known = before.find(name);
    if (known == before.end()) {
      difference.add(difference.added, name);
    } else if (known->second != digest) {
      difference.add(difference.changed, name);
    }
  }
  for (const auto& [name, digest] : before) {
    if (!now.contains(name)) difference.add(difference.removed, name);
  }
  return difference;
}

}  // namespace

Status record_configuration(std::string_view toml, const std::string& file_name, const std::string& state_directory,
                            const digest::Key& key, evidence::AuditLog& audit) {
  const auto values = config::list_key_values(toml, file_name);
  if (!values) return std::unexpected(values.error());
  const std::string path = state_directory + "/configuration";
  lists::remove_unfinished(path);
  const auto kept = lists::read_keyed_file_if_any(path, kMaxFile, key);
  if (!kept) return std::unexpected(kept.error());
  const bool is_first = kept->empty();
  auto before = is_first ? Result<Digests>(Digests{}) : parse_digests(*kept);
  if (!before) return std::unexpected(before.error().within(path));
  const auto now = digests_of(*values, key);
  const auto difference = compare(*before, now);
  if (difference.count == 0 && !is_first) return {};
  const auto digest = name_of(now, key), previous = is_first ? std::string() : name_of(*before, key);
  auto status = audit.append("configuration_changed", {{"digest", digest},
                                                       {"previous", previous},
                                                       {"added", difference.added},
                                                       {"removed", difference.removed},
                                                       {"changed", difference.changed},
                                                       {"unnamed", difference.unnamed}});
  if (!status) return status;
  return lists::write_keyed_file(path, format_digests(now), key);
}

}  // namespace parapet::control
