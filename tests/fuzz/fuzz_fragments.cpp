// SPDX-License-Identifier: Apache-2.0
// Fragments of datagrams, some of them listed, in any order, overlapping, doubled and lost: unless something was
// counted as uninspected, no end reads the listed datagram, whichever of its fragments it takes; a frame that goes on
// is bit for bit what came; a datagram that is only cut in two is read. Memory holds nothing of datagrams that are
// done.
//   input  each step: byte 0: two bits of the identification, two of whose bytes, lost behind the edge, more to come;
//          bytes 1-2: where the fragment begins (in eights) and how long it is (in eights, then plus byte 3)
#include <array>

#include "eager_end.h"
#include "fragment_builder.h"
#include "input.h"
#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "renewed_pipeline.h"
#include "requests.h"
#include "require.h"
#include "seeded_mutator.h"
#include "small_pools.h"
#include "tiny_list.h"

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;

namespace {

constexpr std::size_t kMaxSteps = 24;
constexpr std::uint8_t kLostHops = 2, kHops = 60;

using fuzz::require;

const support::TinyList& listed_names() {
  static const support::TinyList list{"domain:listed.example.test"};
  return list;
}

Bytes query(const char* name, bool v4) {
  support::Ends ends = v4 ? support::Ends{} : support::Ends::v6();
  ends.server_port = 53;
  return support::PacketBuilder(ends).payload(support::dns_query({name})).udp();
}

constexpr std::size_t headers_of(bool v4) { return 14 + (v4 ? 20 : 40); }

using Kinds = std::array<Bytes, 4>;
Kinds make_kinds(bool v4) {
  // The two listed ones differ in cases alone, and have the same checksum: so many capitals in even and in odd places.
  return {query("a.LONGER.name.of.listed.example.test", v4), query("a.longer.name.of.others.example.test", v4),
          query("a.longer.NAME.OF.listed.example.test", v4), query("another.name.that.is.lo.listed.example", v4)};
}
const Kinds& kinds_of(bool v4) {
  static const Kinds kV4 = make_kinds(true), kV6 = make_kinds(false);
  return v4 ? kV4 : kV6;
}

class Play {
 public:
  Play(fuzz::RenewedPipeline& renewed, bool v4)
      : pipeline_(renewed.renew()), block_(renewed.block()), kinds_(kinds_of(v4)), headers_(headers_of(v4)) {}

  void run(fuzz::Input input) {
    for (std::size_t step = 0; step < kMaxSteps && !input.empty(); ++step) {
      const std::uint8_t shape = input.u8();
      const Bytes& whole = kinds_[shape >> 2 & 3];
      const std::size_t length = whole.size() - headers_;
      const std::size_t begin = std::min<std::size_t>(input.u8() % 12u * 8u, length);
      const std::size_t end = std::min<std::size_t>(begin + input.u8() % 12u * 8u + input.u8() % 8u, length);
      const bool is_lost = (shape & 16) != 0;
      send(support::fragment(whole, {begin, end, (shape & 32) != 0}, shape & 3u, is_lost ? kLostHops : kHops), is_lost);
    }
    if (uninspected() > 0) return;
    for (const std::size_t listed : {0u, 2u}) {
      require(!end_.has_read({kinds_[listed].begin() + static_cast<std::ptrdiff_t>(headers_), kinds_[listed].end()}));
    }
    // A fresh identification is read all the same.
    require(send(support::fragment(kinds_[0], {0, 32, true}, 99, kHops), false));
    require(!send(support::fragment(kinds_[0], {32, kinds_[0].size() - headers_, false}, 99, kHops), false));
  }

 private:
  bool send(Bytes bytes, bool is_lost) {
    before_ = bytes;
    Frame frame{bytes.data(), static_cast<std::uint32_t>(bytes.size()), Side::subscriber, {}, LinkType::ethernet};
    Fate fate{};
    pipeline_.process({&frame, 1}, {&fate, 1}, &listed_names().snapshot(), 1'000'000'000, injections_);
    require(injections_.all().empty());
    if (!forwards(fate.reason)) return false;
    require(frame.length == before_.size() && bytes == before_);
    if (!is_lost) end_.take(bytes);
    return true;
  }
  std::uint64_t uninspected() const { return block_.uninspected[index_of(UninspectedReason::fragment)]; }

  Pipeline& pipeline_;
  const counters::WorkerBlock& block_;
  const Kinds& kinds_;
  std::size_t headers_;
  support::EagerEnd end_;
  InjectionQueue injections_;
  Bytes before_;  // the frame that is processed, as it came
};

const std::vector<std::uint8_t> kSeeds[] = {
    {0, 32, 0, 4, 0, 0, 4, 11, 7},                            // the listed one in two
    {0, 36, 0, 4, 0, 32, 0, 4, 0, 0, 4, 11, 7},               // a decoy in front
    {0, 52, 0, 4, 0, 4, 4, 11, 7, 32, 0, 4, 0, 0, 4, 11, 7},  // one that is lost behind the edge
    {0, 0, 4, 11, 7, 32, 2, 2, 0, 40, 0, 2, 0, 32, 0, 2, 0},  // backwards, one in other cases
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static fuzz::RenewedPipeline renewed(fuzz::small_pools(), support::kTestKey);
  Play play(renewed, (data[0] & 1) == 0);
  play.run(fuzz::Input(data + 1, size - 1));
  return 0;
}
