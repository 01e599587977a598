// SPDX-License-Identifier: Apache-2.0
// Taking differences of the edge's counters.
#include "lists/update/shadow_hits.h"

#include <algorithm>
#include <limits>

#include "base/frame_fields.h"
#include "lists/publish/keyed_file.h"
#include "snapshot/builder.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "PSH1";
constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint64_t>::max();

void add(HitsByProtocol& to, const HitsByProtocol& more) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

void write_hits(FrameWriter& writer, const HitsByProtocol& hits) {
  for (const auto hit : hits) writer.number(hit);
}

HitsByProtocol read_hits(FrameReader& reader) {
  HitsByProtocol hits{};
  for (auto& hit : hits) hit = reader.number(kMaxNumber);
  return hits;
}

void write_count(FrameWriter& writer, const HitCount& count) {
  writer.number(count.since_realtime_ns);
  writer.number(count.generation);
  write_hits(writer, count.requests);
}

HitCount read_count(FrameReader& reader) {
  const auto since = reader.number(kMaxNumber), generation = reader.number(kMaxNumber);
  return {since, generation, read_hits(reader)};
}

}  // namespace

ShadowHits::ShadowHits(std::string path, const digest::Key& key) : path_(std::move(path)), key_(&key) {
  const auto bytes = read_keyed_file_if_any(path_, kMaxFile, key);
  if (bytes && !bytes->empty() && !read(*bytes)) rows_.clear();
}

// Nothing, where the edge's applied snapshot has no such list among those that are counted one by one.
std::optional<ShadowHits::Seen> ShadowHits::see(const std::string& name, const counters::Reading& edge,
                                                const counters::WorkerBlock& total) {
  const auto& header = *edge.header;
  const std::span ids(header.list_id, std::min<std::size_t>(header.list_count, counters::kMaxLists));
  const auto at = std::ranges::find(ids, snapshot::list_id_of(name));
  if (at == ids.end()) return std::nullopt;
  Seen seen{.start_realtime_ns = header.start_realtime_ns, .slot = static_cast<std::uint64_t>(at - ids.begin())};
  std::ranges::copy(header.boot_id, seen.boot_id.begin());
  std::copy_n(total.list_hits[seen.slot], seen.hits.size(), seen.hits.begin());
  return seen;
}

HitsByProtocol ShadowHits::since(const std::optional<Seen>& before, const Seen& now) {
  if (!before) return {};
  const bool same_edge = before->boot_id == now.boot_id && before->start_realtime_ns == now.start_realtime_ns;
  if (!same_edge) return now.hits;          // it counted from zero
  if (before->slot != now.slot) return {};  // another list's counter before
  HitsByProtocol more{};
  for (std::size_t i = 0; i < more.size(); ++i) more[i] = now.hits[i] - std::min(now.hits[i], before->hits[i]);
  return more;
}

void ShadowHits::count(const counters::Reading& edge) {
  // An edge that just began has no list: what it counts is still to come.
  if (rows_.empty() || edge.header->list_count == 0) return;
  const auto total = edge.total();
  for (auto& [name, row] : rows_) {
    const auto now = see(name, edge, total);
    if (now) {
      const auto more = since(row.seen, *now);
      add(row.count.all.requests, more);
      add(row.count.version.requests, more);
      changed_ |= !row.seen || more != HitsByProtocol{};
    }
    row.seen = now;
  }
}

void ShadowHits::begin(Generation generation, std::span<const ShadowList> lists, const counters::Reading& edge,
                       Nanoseconds now_realtime_ns) {
  count(edge);
  std::erase_if(rows_,
                [&](const auto& row) { return std::ranges::find(lists, row.first, &ShadowList::name) == lists.end(); });
  const auto total = edge.total();
  const HitCount none{now_realtime_ns, generation, {}};
  for (const auto& list : lists) {
    const auto [at, is_new] = rows_.try_emplace(list.name);
    auto& [count, seen] = at->second;
    if (is_new) count.all = none;
    if (is_new || count.sequence != list.sequence) count.version = none;
    count.sequence = list.sequence;
    if (is_new) seen = see(list.name, edge, total);
  }
  begun_ = generation;
  changed_ = true;
}

const ShadowCount* ShadowHits::find(const std::string& name) const {
  const auto at = rows_.find(name);
  return at == rows_.end() ? nullptr : &at->second.count;
}

std::vector<std::uint8_t> ShadowHits::format() const {
  FrameWriter writer(kMagic);
  writer.number(rows_.size());
  for (const auto& [name, row] : rows_) {
    writer.text(name);
    writer.number(row.count.sequence);
    write_count(writer, row.count.all);
    write_count(writer, row.count.version);
    writer.number(row.seen ? 1 : 0);
    if (!row.seen) continue;
    writer.field(row.seen->boot_id);
    writer.number(row.seen->start_realtime_ns);
    writer.number(row.seen->slot);
    write_hits(writer, row.seen->hits);
  }
  return std::move(writer.bytes);
}

bool ShadowHits::read(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kMagic);
  for (auto count = reader.number(counters::kMaxLists); count > 0; --count) {
    auto& row = rows_[reader.text()];
    row.count.sequence = reader.number(kMaxNumber);
    row.count.all = read_count(reader);
    row.count.version = read_count(reader);
    if (!reader.boolean()) continue;
    Seen seen;
    const auto boot_id = reader.field();
    if (boot_id.size() != seen.boot_id.size()) return false;
    std::ranges::copy(boot_id, seen.boot_id.begin());
    seen.start_realtime_ns = reader.number(kMaxNumber);
    seen.slot = reader.number(counters::kMaxLists - 1);
    seen.hits = read_hits(reader);
    row.seen = seen;
  }
  return reader.complete();
}

Status ShadowHits::keep() {
  if (!changed_) return {};
  if (auto status = write_keyed_file(path_, format(), *key_); !status) return status;
  changed_ = false;
  return {};
}

}  // namespace parapet::lists
