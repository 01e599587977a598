// SPDX-License-Identifier: Apache-2.0
// Publication.
#include "lists/publish/publisher.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/file.h"
#include "snapshot/snapshot.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxSnapshotFile = std::size_t{1} << 36;

// Snapshot::open wants 64-byte alignment, which a vector does not promise.
snapshot::SnapshotBytes copy_aligned(ByteView bytes) {
  snapshot::SnapshotBytes copy(bytes.size());
  std::memcpy(copy.data(), bytes.data(), bytes.size());
  return copy;
}

}  // namespace

Result<PublishedSnapshot> Publisher::published() const {
  auto bytes = read_file(snapshot_file_, kMaxSnapshotFile);
  if (!bytes) return std::unexpected(bytes.error());
  const auto aligned = copy_aligned(*bytes);
  auto opened = snapshot::Snapshot::open(aligned.view(), *key_);
  if (!opened) return std::unexpected(opened.error());
  PublishedSnapshot published{opened->generation(), opened->header().created_realtime_ns, {}};
  for (const auto& record : opened->lists()) {
    const std::string_view padded(reinterpret_cast<const char*>(record.name), sizeof record.name);
    published.list_names.emplace_back(padded.substr(0, padded.find('\0')));
  }
  return published;
}

Generation Publisher::stored_generation() const {
  auto bytes = read_file(generation_file_, 32);
  if (!bytes) return 0;
  Generation generation = 0;
  const auto text = text_of(*bytes);
  std::from_chars(text.data(), text.data() + text.size(), generation);
  return generation;
}

// The same lists under the old generation and time would give the same bytes, were nothing new.
bool Publisher::stands_already(std::span<const CompileInput> lists, const PublishedSnapshot& published) const {
  auto bytes = read_file(snapshot_file_, kMaxSnapshotFile);
  if (!bytes) return false;
  auto again = compile_snapshot(lists, *key_, published.generation, published.created_realtime_ns);
  return again && std::ranges::equal(again->view(), *bytes);
}

Result<Publication> Publisher::publish(std::span<const CompileInput> lists, Generation floor, const Check& check) {
  std::uint64_t entry_count = 0;
  for (const auto& input : lists) entry_count += input.list->entries.size();
  const auto current = published();
  if (current && stands_already(lists, *current)) {
    return Publication{current->generation, current->created_realtime_ns, 0, entry_count, false};
  }
  const Generation generation = std::max({current ? current->generation : 0, stored_generation(), floor}) + 1;
  const std::uint64_t now = clock_->realtime_ns();
  auto compiled = compile_snapshot(lists, *key_, generation, now);
  if (!compiled) return std::unexpected(compiled.error().within("compiling"));
  if (check) {
    auto opened = snapshot::Snapshot::open(compiled->view(), *key_);
    if (!opened) return std::unexpected(opened.error().within("compiling"));
    if (auto status = check(*opened); !status) return std::unexpected(status.error());
  }
  // Taken before it is used: a crash in between loses a number, never gives one twice.
  if (auto status = replace_file(generation_file_, bytes_of(std::to_string(generation) + "\n"), 0600); !status) {
    return std::unexpected(status.error().within("storing the generation"));
  }
  const auto read_back = [this](ByteView written) -> Status {
    const auto aligned = copy_aligned(written);
    auto opened = snapshot::Snapshot::open(aligned.view(), *key_);
    if (!opened) return std::unexpected(opened.error().within("reading back"));
    return {};
  };
  if (auto status = replace_file(snapshot_file_, compiled->view(), 0640, read_back); !status) {
    return std::unexpected(status.error().within("publishing"));
  }
  return Publication{generation, now, compiled->view().size(), entry_count, true};
}

}  // namespace parapet::lists
