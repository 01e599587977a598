// SPDX-License-Identifier: Apache-2.0
// Taking fragments, opening and closing datagrams.
#include "packet/flow/fragment_table.h"

#include <bit>

namespace parapet::packet {
namespace {

constexpr std::uint32_t kMaxDatagrams = 1u << 20;
constexpr std::uint32_t kDeadKeysPerDatagram = 16;
constexpr std::uint32_t kGivenUpAtOnce = 4;
constexpr std::uint32_t kNone = 0xffffffff;

// RFC 8200 §4.5, RFC 791 §3.2: all but the last in units of 8 bytes, and the datagram's length in 16 bits.
bool is_valid(const FragmentPart& part, std::size_t length) noexcept {
  if (length == 0 || (part.more && length % 8 != 0)) return false;
  return part.header_length + part.offset + length <= kMaxDatagramLength;
}

}  // namespace

Result<FragmentTable> FragmentTable::create(const Options& options) {
  if (options.datagrams == 0 || options.datagrams > kMaxDatagrams) {
    return fail(ErrorCode::invalid_argument, "fragment datagrams: 1 to 1048576 can be had");
  }
  const std::uint32_t places = std::bit_ceil(options.datagrams) * 4;
  auto datagrams = FixedArray<Datagram>::create(options.datagrams, "datagrams in fragments");
  if (!datagrams) return std::unexpected(datagrams.error());
  auto free = FixedArray<std::uint32_t>::create(options.datagrams, "datagrams in fragments");
  if (!free) return std::unexpected(free.error());
  auto by_hash = FixedArray<std::uint32_t>::create(places, "the fragment table");
  if (!by_hash) return std::unexpected(by_hash.error());
  auto sources = FixedArray<Source>::create(places, "sources of fragments");
  if (!sources) return std::unexpected(sources.error());
  auto blocks = FragmentBlocks::create(options.blocks);
  if (!blocks) return std::unexpected(blocks.error());
  auto dead = FragmentDeadKeys::create(options.datagrams * kDeadKeysPerDatagram);
  if (!dead) return std::unexpected(dead.error());

  FragmentTable table;
  table.datagrams_ = std::move(*datagrams);
  table.free_ = std::move(*free);
  table.places_ = std::move(*by_hash);
  table.sources_ = std::move(*sources);
  table.blocks_ = std::move(*blocks);
  table.dead_ = std::move(*dead);
  for (std::uint32_t i = 0; i < options.datagrams; ++i) table.free_[i] = options.datagrams - 1 - i;
  table.place_mask_ = places - 1;
  table.timeout_ = options.timeout;
  return table;
}

std::uint32_t FragmentTable::give_up_older(Tick age, Tick now) noexcept {
  std::uint32_t given_up = 0;
  for (; given_up < kGivenUpAtOnce && !by_age_.empty(); ++given_up) {
    if (ticks_since(datagrams_[by_age_.oldest()].since, now) <= age) break;
    close(by_age_.oldest());
  }
  return given_up;
}

FragmentTable::Taken FragmentTable::take(const Fragment& fragment, Tick now) noexcept {
  Taken taken{FragmentOutcome::kept, {}, 0};
  give_up_older(timeout_, now);
  if (!is_valid(fragment.part, fragment.data.size())) {
    taken.outcome = FragmentOutcome::invalid;
    return taken;
  }
  switch (dead_.why(fragment.hash, now)) {
    case WhyDead::overlap: taken.outcome = FragmentOutcome::overlap; return taken;
    case WhyDead::stopped: taken.outcome = FragmentOutcome::stopped; return taken;
    case WhyDead::alive: break;
  }
  std::uint32_t index = find(fragment.hash);
  if (index == kNone) index = open(fragment, now, taken.given_up);
  if (index == kNone) {
    taken.outcome = FragmentOutcome::not_followed;
    return taken;
  }
  Datagram& datagram = datagrams_[index];
  switch (fit_of(datagram, fragment)) {
    case Fit::copy: return taken;
    case Fit::overlap:
      taken.outcome = FragmentOutcome::overlap;
      taken.given_up += kill(index, now);
      return taken;
    case Fit::new_bytes: break;
  }
  if (datagram.count == kMaxFragments) {
    taken.outcome = FragmentOutcome::invalid;
    taken.given_up += kill(index, now);
    return taken;
  }
  const std::uint32_t missing = blocks_.missing(datagram.blocks, fragment.part.offset, fragment.data.size());
  if (!make_room(index, missing, taken.given_up)) {
    close(index);
    taken.outcome = FragmentOutcome::not_followed;
    return taken;
  }
  const auto length = static_cast<std::uint16_t>(fragment.data.size());
  const auto end = static_cast<std::uint16_t>(fragment.part.offset + length);
  blocks_.write(datagram.blocks, fragment.part.offset, fragment.data);
  datagram.extents[datagram.count++] = {fragment.part.offset, end};
  datagram.received += length;
  datagram.odd |= datagram.path != fragment.path;
  if (fragment.part.offset == 0) datagram.protocol = fragment.part.protocol;
  if (!fragment.part.more) {
    datagram.has_last = true;
    datagram.total = end;
  }
  if (datagram.has_last && datagram.received == datagram.total) {
    take_out(index);
    taken.outcome = FragmentOutcome::whole;
    taken.datagram = {index};
  }
  return taken;
}

std::uint32_t FragmentTable::retire(DatagramIndex datagram, Tick now) noexcept {
  if (datagrams_[datagram.value].odd) return stop(datagram, now);
  release(datagram.value);
  return 0;
}

std::uint32_t FragmentTable::stop(DatagramIndex datagram, Tick now) noexcept {
  const std::uint64_t hash = datagrams_[datagram.value].hash;
  release(datagram.value);
  return dead_.add(hash, WhyDead::stopped, now) ? 1 : 0;
}

std::uint32_t FragmentTable::kill(std::uint32_t index, Tick now) noexcept {
  const std::uint64_t hash = datagrams_[index].hash;
  close(index);
  return dead_.add(hash, WhyDead::overlap, now) ? 1 : 0;
}

// How a fragment lies to those that came before. The same stretch with the same bytes and the same place (the last or
// not) is a copy; what only touches is new.
FragmentTable::Fit FragmentTable::fit_of(const Datagram& datagram, const Fragment& fragment) const noexcept {
  const std::uint32_t begin = fragment.part.offset;
  const auto end = static_cast<std::uint32_t>(begin + fragment.data.size());
  const bool last = !fragment.part.more;
  bool beyond = datagram.has_last && (last || end >= datagram.total);
  for (std::uint32_t i = 0; i < datagram.count; ++i) {
    const Extent& there = datagram.extents[i];
    if (there.begin == begin && there.end == end) {
      const bool there_is_last = datagram.has_last && there.end == datagram.total;
      return there_is_last == last && blocks_.equal(datagram.blocks, begin, fragment.data) ? Fit::copy : Fit::overlap;
    }
    if (begin < there.end && there.begin < end) return Fit::overlap;
    beyond |= last && there.end > end;
  }
  return beyond ? Fit::overlap : Fit::new_bytes;
}

std::uint32_t FragmentTable::find(std::uint64_t hash) const noexcept {
  for (std::uint32_t at = home(hash); places_[at] != 0; at = (at + 1) & place_mask_) {
    if (datagrams_[places_[at] - 1].hash == hash) return places_[at] - 1;
  }
  return kNone;
}

std::uint32_t FragmentTable::open(const Fragment& fragment, Tick now, std::uint32_t& given_up) noexcept {
  const std::uint32_t source = home(fragment.source_hash);
  if (sources_[source].count == kMaxDatagramsOfSource) {
    close(sources_[source].datagrams.oldest());
    ++given_up;
  }
  if (open_ == datagrams_.size()) {
    if (by_age_.empty()) return kNone;
    close(by_age_.oldest());
    ++given_up;
  }
  const std::uint32_t index = free_[datagrams_.size() - 1 - open_];
  ++open_;
  Datagram& datagram = datagrams_[index];
  datagram.hash = fragment.hash;
  datagram.since = now;
  datagram.source = source;
  datagram.path = fragment.path;
  by_age_.push_newest(datagrams_, &Datagram::by_age, index);
  sources_[source].datagrams.push_newest(datagrams_, &Datagram::by_source, index);
  ++sources_[source].count;
  std::uint32_t at = home(fragment.hash);
  while (places_[at] != 0) at = (at + 1) & place_mask_;
  places_[at] = index + 1;
  return index;
}

void FragmentTable::close(std::uint32_t index) noexcept {
  take_out(index);
  release(index);
}

void FragmentTable::take_out(std::uint32_t index) noexcept {
  Datagram& datagram = datagrams_[index];
  std::uint32_t hole = home(datagram.hash);
  while (places_[hole] != index + 1) hole = (hole + 1) & place_mask_;
  for (std::uint32_t at = (hole + 1) & place_mask_; places_[at] != 0; at = (at + 1) & place_mask_) {
    // Moves back what may stand in the hole: whose home is not between the hole and here.
    const std::uint32_t from_home = (at - home(datagrams_[places_[at] - 1].hash)) & place_mask_;
    if (from_home >= ((at - hole) & place_mask_)) {
      places_[hole] = places_[at];
      hole = at;
    }
  }
  places_[hole] = 0;
  by_age_.take_out(datagrams_, &Datagram::by_age, index);
  Source& source = sources_[datagram.source];
  source.datagrams.take_out(datagrams_, &Datagram::by_source, index);
  --source.count;
}

void FragmentTable::release(std::uint32_t index) noexcept {
  Datagram& datagram = datagrams_[index];
  blocks_.release(datagram.blocks);
  datagram.received = 0;
  datagram.count = datagram.protocol = 0;
  datagram.has_last = datagram.odd = false;
  --open_;
  free_[datagrams_.size() - 1 - open_] = index;
}

// Lets the oldest datagrams go until there are so many free blocks. False: the fragment's own would be next.
bool FragmentTable::make_room(std::uint32_t index, std::uint32_t blocks, std::uint32_t& given_up) noexcept {
  while (blocks_.free_blocks() < blocks) {
    if (by_age_.oldest() == index) return false;
    close(by_age_.oldest());
    ++given_up;
  }
  return true;
}

}  // namespace parapet::packet
