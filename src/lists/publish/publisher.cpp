// SPDX-License-Identifier: Apache-2.0
// Publication.
#include "lists/publish/publisher.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/file.h"
#include "lists/verify/trusted_time.h"
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
  PublishedSnapshot published{opened->generation(), opened->created(), {}, {}};
  for (const auto& record : opened->lists()) {
    const std::string_view padded(reinterpret_cast<const char*>(record.name), sizeof record.name);
    published.list_names.emplace_back(padded.substr(0, padded.find('\0')));
    published.shadow_from_s.push_back(record.shadow_from_s);
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
  auto again = compile_snapshot(lists, *key_, published.generation, published.created);
  return again && std::ranges::equal(again->view(), *bytes);
}

// The time that the newest signature of any list proves, and that of Parapet's release.
Nanoseconds Publisher::floor_of(std::span<const CompileInput> lists) {
  Nanoseconds last_signed = 0;
  for (const auto& input : lists) last_signed = std::max(last_signed, input.list->signed_order.realtime_ns);
  return trusted_now(0, last_signed);
}

bool Publisher::clock_has_moved() const {
  if (!last_created_) return false;
  const auto here = snapshot::Moment::now(*clock_);
  if (here.boot == BootId{}) return false;  // then readers count nothing that it could be ahead of
  const auto next = snapshot::next_moment(&*last_created_, here, floor_realtime_ns_);
  return next.realtime_ns > snapshot::least_now(*last_created_, here) + snapshot::kClockToleranceNs;
}

Result<Publication> Publisher::publish(std::span<const CompileInput> lists, Generation floor, const Check& check) {
  std::uint64_t entry_count = 0;
  for (const auto& input : lists) entry_count += input.list->entries.size();
  const auto current = published();
  const auto here = snapshot::Moment::now(*clock_);
  floor_realtime_ns_ = floor_of(lists);
  const auto created = snapshot::next_moment(current ? &current->created : nullptr, here, floor_realtime_ns_);
  const bool clock_believed = snapshot::nearly_agree(created.realtime_ns, here.realtime_ns);
  last_created_ = current ? std::optional(current->created) : std::nullopt;
  if (current && !clock_has_moved() && stands_already(lists, *current)) {
    return Publication{current->generation, current->created.realtime_ns, 0, entry_count, false, clock_believed};
  }
  const Generation generation = std::max({current ? current->generation : 0, stored_generation(), floor}) + 1;
  auto compiled = compile_snapshot(lists, *key_, generation, created);
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
  last_created_ = created;
  return Publication{generation, created.realtime_ns, compiled->view().size(), entry_count, true, clock_believed};
}

}  // namespace parapet::lists
