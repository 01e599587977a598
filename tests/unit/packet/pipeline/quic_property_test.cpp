// SPDX-License-Identifier: Apache-2.0
// Whatever the cuts, order, copies, versions and decoys: no server ever has the whole of a listed hello, and an honest
// client's datagrams all go on as they were.
#include <algorithm>
#include <map>
#include <random>

#include "packet/quic/crypto_frames.h"
#include "packet/quic/initial_opener.h"
#include "quic_rig.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kCases = 4000;

class PieceDice {
 public:
  explicit PieceDice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <typename T>
  void shuffle(std::vector<T>& all) {
    std::shuffle(all.begin(), all.end(), engine_);
  }

 private:
  std::mt19937_64 engine_;
};

struct Piece {
  std::size_t begin, end;
};
std::vector<Piece> cut(std::size_t size, std::size_t longest, PieceDice& dice) {
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < size;) {
    const std::size_t end = std::min(size, at + 1 + dice.below(longest));
    pieces.push_back({at, end});
    at = end;
  }
  return pieces;
}

// An honest client's datagrams: the hello in pieces of any order, some sent twice, packets beside each other.
std::vector<Bytes> honest_datagrams(const Bytes& hello, std::uint64_t id, std::uint32_t version, PieceDice& dice) {
  std::vector<Piece> pieces = cut(hello.size(), dice.chance(3) ? 60 : 900, dice);
  dice.shuffle(pieces);
  for (std::size_t i = dice.below(3); i > 0; --i) pieces.push_back(pieces[dice.below(pieces.size())]);
  std::vector<Bytes> datagrams;
  std::uint64_t number = dice.below(30);
  for (std::size_t i = 0; i < pieces.size();) {
    Bytes datagram;
    for (std::size_t packets = 1 + dice.below(2); packets > 0 && i < pieces.size(); --packets) {
      QuicInitial initial(support::quic_id(id));
      initial.version(version).number(number++, 1 + static_cast<unsigned>(dice.below(4)));
      for (std::size_t frames = 1 + dice.below(6); frames > 0 && i < pieces.size(); --frames, ++i) {
        if (dice.chance(3)) initial.padding(dice.below(9)).ping();
        initial.crypto(pieces[i].begin, part(hello, pieces[i].begin, pieces[i].end));
      }
      support::append(datagram, initial.padded_to(dice.chance(2) ? 1200 : 0).seal());
      if (dice.chance(4)) {
        support::append(datagram, support::quic_opaque_packet(QuicType::zero_rtt, support::quic_id(id), 40, version));
      }
    }
    datagrams.push_back(datagram);
  }
  return datagrams;
}

// A server: takes each CRYPTO byte once from Initials that open with the id it knows.
class Server {
 public:
  explicit Server(std::uint64_t id) : id_(support::quic_id(id)) {}

  void take(const Seen& seen) {
    if (!seen.forwarded()) return;
    const Decoded decoded = decode(seen.bytes);
    ByteView rest = ByteView{seen.bytes}.subspan(decoded.payload_offset, decoded.payload_length);
    LongHeader header;
    while (read_long_header(rest, header) == HeaderOutcome::packet) {
      if (header.type == LongPacket::initial) open(rest.first(header.length), header);
      rest = rest.subspan(header.length);
    }
  }
  bool has_all(const Bytes& hello) const {
    for (std::size_t i = 0; i < hello.size(); ++i) {
      const auto found = bytes_.find(i);
      if (found == bytes_.end() || found->second != hello[i]) return false;
    }
    return true;
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  void open(ByteView packet, const LongHeader& header) {
    std::uint32_t tries = 0;
    static const InitialKeySchedule schedule;
    static InitialOpener opener = std::move(*InitialOpener::create());
    const auto opened =
        opener.open(packet, header, schedule.client_keys(header.version, ConnectionId::of(id_)), {}, tries);
    if (!opened) return;
    CryptoFrames frames(opened->payload);
    for (CryptoFrame frame; frames.next(frame);) {
      for (std::size_t i = 0; i < frame.bytes.size(); ++i) bytes_.try_emplace(frame.offset + i, frame.bytes[i]);
    }
  }

  Bytes id_;
  std::map<std::uint64_t, std::uint8_t> bytes_;
};

PipelineOptions roomy_for_quic() {
  PipelineOptions options = Rig::small();
  options.limits.quic_connections = 64;
  return options;
}

std::uint32_t any_version(PieceDice& dice) {
  constexpr std::array<std::uint32_t, 4> kVersions{1, support::kQuicV2, support::kQuicDraft29, support::kQuicDraft34};
  return kVersions[dice.below(kVersions.size())];
}

TEST(QuicProperty, CutsOrderAndCopiesNeverChangeTheVerdict) {
  QuicRig rig(roomy_for_quic());
  std::size_t stopped = 0;
  for (std::size_t seed = 0; seed < kCases; ++seed) {
    PieceDice dice(seed);
    const bool listed = dice.chance(2);
    const Bytes hello = hello_message(listed ? kListed : kOther, dice.below(2000));
    const std::uint32_t version = any_version(dice);
    Server server(seed);
    bool all_as_sent = true;
    for (const Bytes& datagram : honest_datagrams(hello, seed, version, dice)) {
      const Ends ends = quic_ends(static_cast<std::uint16_t>(1 + seed % 60000));
      const Bytes frame = PacketBuilder(ends).payload(datagram).udp();
      const Seen seen = rig.send({frame, Side::subscriber});
      all_as_sent &= seen.forwarded() && seen.bytes == frame;
      server.take(seen);
    }
    if (listed) {
      ASSERT_LT(server.size(), hello.size()) << "seed " << seed;
      ++stopped;
    } else {
      ASSERT_TRUE(all_as_sent && server.has_all(hello)) << "seed " << seed;
    }
    rig.wait(2 * kNanosecondsPerSecond);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
  EXPECT_EQ(rig.quic_requests(Verdict::block), stopped);
  EXPECT_EQ(rig.quic_requests(Verdict::pass), kCases - stopped);
}

// Lies: other bytes for the same places under the same keys, other connections, broken packets, in any order with the
// truth. Two servers: one takes all that comes, one never gets a lie.
TEST(QuicProperty, LiesAndDecoysNeverBringAListedHelloThrough) {
  QuicRig rig(roomy_for_quic());
  for (std::size_t seed = 0; seed < kCases; ++seed) {
    PieceDice dice(seed + 1'000'000);
    const std::uint64_t id = seed + 1'000'000;
    const std::uint32_t version = any_version(dice);
    const Bytes hello = hello_message(kListed, dice.below(900));
    struct Step {
      Bytes datagram;
      bool is_true;
    };
    std::vector<Step> steps;
    for (const Bytes& datagram : honest_datagrams(hello, id, version, dice)) steps.push_back({datagram, true});
    for (std::size_t lies = 1 + dice.below(5); lies > 0; --lies) {
      Bytes lie = hello_message(dice.chance(2) ? kOther : "unlist.example.test", dice.below(900));
      const std::size_t begin = dice.below(lie.size()), end = begin + 1 + dice.below(lie.size() - begin);
      QuicInitial initial = initial_with(lie, dice.chance(3) ? 0 : begin, dice.chance(3) ? lie.size() : end,
                                         dice.chance(3) ? id + 5'000'000 + lies : id, dice.below(90));
      initial.version(dice.chance(8) ? any_version(dice) : version);
      if (dice.chance(5)) initial.bad_tag();
      const auto place = static_cast<std::ptrdiff_t>(dice.below(steps.size() + 1));
      steps.insert(steps.begin() + place, {initial.seal(), false});
    }
    Server credulous(id), far(id);
    const Ends ends = quic_ends(static_cast<std::uint16_t>(1 + seed % 60000));
    for (const Step& step : steps) {
      const Seen seen = rig.datagram(step.datagram, ends);
      credulous.take(seen);
      if (step.is_true) far.take(seen);
    }
    ASSERT_FALSE(credulous.has_all(hello)) << "seed " << seed;
    ASSERT_FALSE(far.has_all(hello)) << "seed " << seed;
    rig.wait(2 * kNanosecondsPerSecond);
  }
}

}  // namespace
}  // namespace parapet::packet
