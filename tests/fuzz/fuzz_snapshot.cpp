// SPDX-License-Identifier: Apache-2.0
// Compiled snapshots of any content: whatever is opened can be read through without a further check.
//   input  byte 0: the last three bits say what is put right first (sizes, key id, checksum); the rest: the file
#include <array>
#include <cstring>
#include <vector>

#include "require.h"
#include "seeded_mutator.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "tiny_list.h"

using namespace parapet;
using namespace parapet::snapshot;

namespace {

using fuzz::require;

std::vector<std::uint8_t> make_seed(const support::TinyList& list) {
  const ByteView file = list.bytes();
  std::vector<std::uint8_t> seed{7};
  seed.insert(seed.end(), file.begin(), file.end());
  return seed;
}
std::vector<support::TinyEntries> lists_with_standing() {
  using support::selector;
  return {{.entries = {"host:a.example.test until 1500"},
           .ends_s = 2000,
           .shadow_from_s = 1000,
           .applies_to = {selector({1, 2}), selector({}, {"192.0.2.0/24", "2001:db8::/32"})},
           .exempt = {selector({1}, {"192.0.2.128/25"})}}};
}
const std::vector<std::uint8_t> kSeeds[] = {
    make_seed(support::TinyList{"domain:listed.example.test"}), make_seed(support::TinyList(lists_with_standing())),
    make_seed(
        support::TinyList{"host:a.example.test", "url:http://b.example.test/c?d", "prefix:http://e.example.test/f"})};

// Most mutations break the checksum, and little lies behind it.
void mend(SnapshotBytes& file, std::uint8_t what) {
  Header header;
  std::memcpy(&header, file.data(), sizeof header);
  if ((what & 1) != 0) {
    header.magic = kMagic;
    header.major = kMajor;
    header.header_size = sizeof header;
    header.file_size = file.view().size();
  }
  if ((what & 2) != 0) {
    const auto id = digest::key_id(support::kTestKey);
    std::memcpy(header.key_id, id.data(), id.size());
  }
  std::memcpy(file.data(), &header, sizeof header);
  if ((what & 4) != 0) {
    const auto sum = checksum_of(support::kTestKey, file.view());
    std::memcpy(header.checksum, &sum, sizeof header.checksum);
    std::memcpy(file.data(), &header, sizeof header);
  }
}

void read_through(const Snapshot& snapshot) {
  require(snapshot.generation() > 0);
  const std::array<std::uint8_t, 16> subscribers[] = {
      support::address_of("192.0.2.200"), support::address_of("2001:db8::1"), {}};
  std::uint64_t sum = snapshot.created().realtime_ns % 2;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const digest::Digest digest{i * 0x9e3779b97f4a7c15, i << 58 | i};
    sum += Snapshot::may_hold(snapshot.line_of(digest.low), digest.low);
    const RuleSetIndex found = snapshot.find(digest);
    if (found.value == kEmptySlot) continue;
    require(!snapshot.rules_of(found).empty());
    for (const Rule& rule : snapshot.rules_of(found)) {
      require(rule.list < snapshot.lists().size());
      sum += static_cast<std::uint64_t>(snapshot.state_at(ListIndex{rule.list}, i * kNanosecondsPerSecond));
      for (const auto& subscriber : subscribers) {
        sum += snapshot.stands(rule, {i * 40 * kNanosecondsPerSecond, {1}, &subscriber, subscriber[10] == 0xff});
      }
    }
  }
  require(sum < UINT64_MAX);
}

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  SnapshotBytes file(size - 1);
  if (size > 1) std::memcpy(file.data(), data + 1, size - 1);
  if (size > sizeof(Header)) mend(file, data[0]);
  const auto snapshot = Snapshot::open(file.view(), support::kTestKey);
  if (snapshot) read_through(*snapshot);
  return 0;
}
