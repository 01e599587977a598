// SPDX-License-Identifier: Apache-2.0
// Keeping switches.
#include "lists/hold/switches.h"

#include <algorithm>

#include "base/frame_fields.h"
#include "lists/publish/keyed_file.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "PSW1";
constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::size_t kMaxSwitches = 1024;  // sources that are not in control.toml any more among them

}  // namespace

Result<Switches> Switches::load(std::string path, const digest::Key& key) {
  Switches switches(std::move(path), key);
  const auto bytes = read_keyed_file_if_any(switches.path_, kMaxFile, key);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return switches;
  FrameReader reader(*bytes);
  reader.magic(kMagic);
  for (auto count = reader.number(kMaxSwitches); count > 0; --count) {
    auto name = reader.text();
    switches.turned_[std::move(name)] = reader.choice(config::SourceState::enforce);
  }
  if (!reader.complete()) return fail(ErrorCode::malformed, switches.path_ + " cannot be read");
  return switches;
}

Status Switches::turn(const std::string& source, config::SourceState state) {
  auto turned = turned_;
  if (state == config::SourceState::enforce) {
    turned.erase(source);
  } else {
    turned[source] = state;
  }
  FrameWriter writer(kMagic);
  writer.number(turned.size());
  for (const auto& [name, to] : turned) {
    writer.text(name);
    writer.number(static_cast<std::uint64_t>(to));
  }
  if (auto status = write_keyed_file(path_, writer.bytes, *key_); !status) return status;
  turned_ = std::move(turned);
  return {};
}

config::SourceState Switches::state_of(const config::SourceOptions& source) const {
  const auto at = turned_.find(source.name);
  const auto most = source.legal.complete() ? source.state : std::min(source.state, config::SourceState::shadow);
  return at == turned_.end() ? most : std::min(most, at->second);
}

}  // namespace parapet::lists
