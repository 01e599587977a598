// SPDX-License-Identifier: Apache-2.0
// Requests in fragments, against ends that hold fragments for a while: rows I1 to I8 of the evasion catalogue.
#include <algorithm>
#include <random>

#include "carrier_builder.h"
#include "eager_end.h"
#include "fragment_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

using namespace support;

Ends dns_ends(bool v4) {
  return v4 ? Ends{"192.0.2.10", "198.51.100.20", 40000, 53} : Ends{"2001:db8::10", "2001:db8:1::20", 40000, 53};
}
Sent dns(const std::string& name, bool v4 = true) {
  return {PacketBuilder(dns_ends(v4)).payload(dns_query({name})).udp(), Side::subscriber};
}
Bytes payload_of(const Sent& sent) {
  return {sent.bytes.begin() + 14 + (sent.bytes[12] == 8 ? 20 : 40), sent.bytes.end()};
}

void deliver(const Seen& seen, EagerEnd& end) {
  if (seen.forwarded()) end.take(seen.bytes);
}

TEST(Fragments, I1_CutAtAnyPlaceInAnyOrderAListedRequestIsStopped) {
  for (const bool v4 : {true, false}) {
    const Sent listed = dns("a.very.long.name.below.the." + kListed, v4),
               other = dns("a.very.long.name.below.the." + kOther, v4);
    for (std::size_t cut = 16; cut + 8 < payload_of(listed).size(); cut += 8) {
      Rig rig{"domain:" + kListed};
      EagerEnd end;
      std::uint32_t identification = 1;
      std::vector<Sent> parts = fragments(listed, {cut, cut + 8}, identification);
      std::vector<std::size_t> order(parts.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      do {
        ++identification;
        const std::vector<Sent> bad = fragments(listed, {cut, cut + 8}, identification);
        const std::vector<Sent> good = fragments(other, {cut, cut + 8}, identification + 1000);
        std::size_t dropped = 0;
        for (const std::size_t i : order) {
          const Seen seen = rig.send(bad[i]);
          deliver(seen, end);
          if (!seen.forwarded()) {
            ++dropped;
            EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
            EXPECT_TRUE(seen.fate.wipe);
          } else {
            EXPECT_EQ(seen.fate.reason, FrameReason::pass_fragment);
          }
          const Seen passed = rig.send(good[i]);
          EXPECT_EQ(passed.bytes, good[i].bytes);
          EXPECT_EQ(passed.fate.reason, i == order.back() ? FrameReason::pass_unlisted : FrameReason::pass_fragment);
        }
        EXPECT_EQ(dropped, 1u);
      } while (std::next_permutation(order.begin(), order.end()));
      EXPECT_FALSE(end.has_read(payload_of(listed)));
      EXPECT_EQ(rig.uninspected(), 0u);
    }
  }
}

TEST(Fragments, I1_OfATcpStreamAreItsBytesAndBothEndsAreReset) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    Rig rig{"host:" + kListed};
    const TcpConversation talk(ends);
    rig.shake_hands(talk);
    const std::string request = get(kListed);
    rig.send(talk.data(0, request.substr(0, 5)));
    const std::vector<Sent> parts = fragments(talk.data(5, request.substr(5)), {32, 56});
    EXPECT_EQ(rig.send(parts[2]).fate.reason, FrameReason::pass_fragment);
    EXPECT_EQ(rig.send(parts[0]).fate.reason, FrameReason::pass_fragment);
    const Seen seen = rig.send(parts[1]);
    EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
    ASSERT_EQ(seen.injections.size(), 2u);
    for (const Injection& injection : seen.injections) {
      const Decoded decoded = decode(injection);
      EXPECT_EQ(decoded.outcome, DecodeOutcome::tcp);
      EXPECT_EQ(decoded.ip_offset, 14);
      EXPECT_TRUE(checksum_fits(ByteView{injection.bytes}.first(injection.length), decoded));
    }
  }
}

// Found in a capture: IPv4 in IPv4 in fragments, and in it a fragment of the same addresses, protocol and number.
TEST(Fragments, OfADatagramInItselfEndTheReading) {
  Rig rig{"host:" + kListed};
  const Bytes inner = PacketBuilder(dns_ends(true)).payload(Bytes(200, 'x')).udp();
  const Bytes in_ipv4 = support::on_ethernet(
      ip_in_ip(carried(fragment(support::on_ethernet(ip_in_ip(carried(inner), false, Way::up)), {0, 64, true})), false,
               Way::up));
  for (const Sent& part : fragments({in_ipv4, Side::subscriber}, {48})) {
    EXPECT_EQ(rig.send(part).fate.reason, FrameReason::pass_fragment);
  }
  EXPECT_TRUE(rig.send(dns("www.example.test")).forwarded()) << "and what comes next is read";
}

TEST(Fragments, TheLastOneAloneAgainDoesNotBringAListedDatagramThrough) {
  Rig rig{"host:" + kListed};
  EagerEnd end;
  const Sent listed = dns(kListed);
  const std::vector<Sent> parts = fragments(listed, {24});
  deliver(rig.send(parts[0]), end);
  deliver(rig.send(parts[1]), end);
  for (int seconds = 0; seconds < 59; ++seconds) {
    const Seen again = rig.send(parts[1]);
    deliver(again, end);
    EXPECT_EQ(again.fate.reason, FrameReason::drop_blocked_stream);
    rig.wait(kNanosecondsPerSecond);
  }
  EXPECT_FALSE(end.has_read(payload_of(listed)));
}

TEST(Fragments, I2_FirstOnesWithoutTheirHeadersAreDropped) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  for (const std::size_t cut : {8u, 16u, 24u}) {
    EXPECT_EQ(rig.send(fragments(talk.data(0, get(kOther)), {cut})[0]).fate.reason, FrameReason::drop_fragment_invalid);
  }
  EXPECT_EQ(rig.send(fragments(talk.data(0, get(kOther)), {32})[0]).fate.reason, FrameReason::pass_fragment);
  EXPECT_EQ(rig.send(fragments(dns(kOther), {8})[0]).fate.reason, FrameReason::drop_fragment_invalid);
  EXPECT_EQ(rig.send(fragments(dns(kOther), {16})[0]).fate.reason, FrameReason::pass_fragment);
  // IPv6: destination options stand behind the fragment header, and TCP in the next fragment.
  Bytes six = TcpConversation(Ends::v6()).data(0, get(kOther)).bytes;
  const Bytes options{6, 0, 1, 4, 0, 0, 0, 0};
  six.insert(six.begin() + 54, options.begin(), options.end());
  six[14 + 6] = 60;
  const Sent sent{six, Side::subscriber};
  EXPECT_EQ(rig.send(fragments(sent, {8})[0]).fate.reason, FrameReason::drop_fragment_invalid);
  EXPECT_EQ(rig.send(fragments(sent, {24})[0]).fate.reason, FrameReason::drop_fragment_invalid);
  EXPECT_EQ(rig.send(fragments(sent, {32}, 9)[0]).fate.reason, FrameReason::pass_fragment);
}

// All ways in which one fragment of another datagram can be slipped in, before, between or behind.
TEST(Fragments, I3_NoOverlapBringsAListedDatagramThrough) {
  for (const bool v4 : {true, false}) {
    const Sent listed = dns("some.longer.name." + kListed, v4), decoy = dns("some.longer.name.xxxxxx.example.test", v4);
    ASSERT_EQ(listed.bytes.size(), decoy.bytes.size());
    const std::size_t length = payload_of(listed).size();
    for (std::size_t begin = 0; begin < length; begin += 8) {
      for (std::size_t end_at = begin + 8; end_at < length + 8; end_at += 8) {
        const Stretch stretch{begin, std::min(end_at, length), end_at < length};
        if (begin == 0 && end_at < 16) continue;
        for (std::size_t place = 0; place <= 3; ++place) {
          Rig rig{"domain:" + kListed};
          EagerEnd end;
          std::vector<Sent> parts = fragments(listed, {24, 48});
          parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(place),
                       {fragment(decoy.bytes, stretch), Side::subscriber});
          for (int round = 0; round < 2; ++round) {  // and all of it again
            for (const Sent& part : parts) deliver(rig.send(part), end);
          }
          ASSERT_FALSE(end.has_read(payload_of(listed))) << begin << " " << end_at << " " << place;
          ASSERT_EQ(rig.uninspected(), 0u);
        }
      }
    }
  }
}

TEST(Fragments, I4_TheSameIdentificationAgainIsAnotherDatagram) {
  Rig rig{"host:" + kListed};
  for (int round = 0; round < 10; ++round) {
    const bool is_listed = round == 9;
    const std::vector<Sent> parts = fragments(dns(is_listed ? kListed : kOther), {24, 32}, 5);
    EXPECT_TRUE(rig.send(parts[0]).forwarded());
    EXPECT_TRUE(rig.send(parts[1]).forwarded());
    EXPECT_EQ(rig.send(parts[2]).fate.reason, is_listed ? FrameReason::drop_listed : FrameReason::pass_unlisted);
  }
}

TEST(Fragments, I5_OtherHopLimitsAreNotOtherDatagrams) {
  for (const bool v4 : {true, false}) {
    Rig rig{"host:" + kListed};
    EagerEnd end;
    const Bytes listed = dns(kListed, v4).bytes, decoy = dns("xxxxxx.example.test", v4).bytes;
    ASSERT_EQ(listed.size(), decoy.size());
    const std::size_t length = payload_of({listed, {}}).size();
    const auto send = [&](const Bytes& bytes, const Stretch& stretch, std::uint8_t hop_limit) {
      const Seen seen = rig.send({fragment(bytes, stretch, 5, hop_limit), Side::subscriber});
      if (hop_limit > 5) deliver(seen, end);
      return seen.forwarded();
    };
    // A first part that never arrives completes an innocent datagram; then the true one comes.
    EXPECT_TRUE(send(decoy, {0, 32, true}, 3));
    EXPECT_TRUE(send(decoy, {32, length, false}, 60));
    EXPECT_FALSE(send(listed, {0, 32, true}, 60));
    EXPECT_FALSE(end.has_read(payload_of({listed, {}})));
  }
}

TEST(Fragments, I6_ThatNoEndTakesAreDroppedAndKeepNothing) {
  Rig rig{"host:" + kListed};
  const Bytes whole = dns(kOther).bytes;
  EXPECT_EQ(rig.send({fragment(whole, {24, 24, true}), Side::subscriber}).fate.reason,
            FrameReason::drop_fragment_invalid);
  EXPECT_EQ(rig.send({fragment(whole, {16, 31, true}), Side::subscriber}).fate.reason,
            FrameReason::drop_fragment_invalid);
  Bytes beyond = fragment(whole, {0, 24, false});
  store_be16(beyond.data() + 14 + 6, 8190);
  store_be16(beyond.data() + 14 + 10, 0);
  store_be16(beyond.data() + 14 + 10, internet_checksum({ByteView{beyond}.subspan(14, 20)}));
  EXPECT_EQ(rig.send({beyond, Side::subscriber}).fate.reason, FrameReason::drop_fragment_invalid);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Fragments, I8_AnAtomicOneIsAWholePacket) {
  Rig rig{"host:" + kListed};
  const Sent listed = dns(kListed, false);
  const Bytes atomic = fragment(listed.bytes, {0, payload_of(listed).size(), false});
  EXPECT_EQ(rig.send({atomic, Side::subscriber}).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send({atomic, Side::subscriber}).fate.reason, FrameReason::drop_listed) << "and has no key";
}

TEST(Fragments, I9_TrailersAreNoPartOfThem) {
  Rig rig{"host:" + kListed};
  std::vector<Sent> parts = fragments(dns(kListed), {24});
  for (Sent& part : parts) append(part.bytes, Bytes(11, 0x55));
  EXPECT_TRUE(rig.send(parts[0]).forwarded());
  EXPECT_EQ(rig.send(parts[1]).fate.reason, FrameReason::drop_listed);
}

TEST(Fragments, OfADatagramThatWouldBeAlteredAreStopped) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  const std::string benign = get(kOther), request = get(kListed);
  // What stands before the listed request cannot go on: the other fragments did.
  const std::vector<Sent> parts = fragments(talk.data(0, benign + request), {48});
  EXPECT_TRUE(rig.send(parts[0]).forwarded());
  EXPECT_EQ(rig.send(parts[1]).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(parts[1]).fate.reason, FrameReason::drop_blocked_stream);
  // Bytes that were read before come again in another form.
  const TcpConversation second({"192.0.2.10", "198.51.100.20", 40001, 80});
  rig.shake_hands(second);
  rig.send(second.data(0, benign.substr(0, 40)));
  const std::vector<Sent> again = fragments(second.data(0, std::string(40, 'x') + benign.substr(40)), {48}, 78);
  EXPECT_TRUE(rig.send(again[0]).forwarded());
  EXPECT_EQ(rig.send(again[1]).fate.reason, FrameReason::drop_invalid_segment);
}

TEST(Fragments, InAndAroundCarriersAreRead) {
  const std::string long_name = "a.name.that.fills.some.fragments." + kListed;
  for (const NamedCarrier& carrier : all_carriers()) {
    Rig rig{"domain:" + kListed};
    // The subscriber's fragments, each in the carrier.
    const std::vector<Sent> inner = fragments(dns(long_name), {24, 48});
    for (std::size_t i = 0; i < inner.size(); ++i) {
      const Seen seen = rig.send({on_ethernet(carrier.put_in(carried(inner[i].bytes))), Side::subscriber});
      EXPECT_EQ(seen.fate.reason, i == 2 ? FrameReason::drop_listed : FrameReason::pass_fragment) << carrier.name;
    }
    // The carrier's, of a whole packet and of one more fragment.
    const Bytes whole = on_ethernet(carrier.put_in(carried(dns(long_name).bytes)));
    const std::uint16_t type = load_be16(whole.data() + 12);
    if (type != 0x0800 && type != 0x86dd) continue;
    const std::vector<Sent> outer = fragments({whole, Side::subscriber}, {48, 72}, 901);
    for (std::size_t i = 0; i < outer.size(); ++i) {
      EXPECT_EQ(rig.send(outer[i]).fate.reason, i == 2 ? FrameReason::drop_listed : FrameReason::pass_fragment)
          << carrier.name;
    }
    const std::vector<Sent> again = fragments(dns(long_name), {24, 48}, 3000);
    std::uint32_t identification = 950;
    for (std::size_t i = 0; i < again.size(); ++i) {
      const Bytes carried_part = on_ethernet(carrier.put_in(carried(again[i].bytes)));
      const std::vector<Sent> both = fragments({carried_part, Side::subscriber}, {40}, ++identification);
      EXPECT_EQ(rig.send(both[0]).fate.reason, FrameReason::pass_fragment) << carrier.name;
      EXPECT_EQ(rig.send(both[1]).fate.reason, i == 2 ? FrameReason::drop_listed : FrameReason::pass_fragment)
          << carrier.name;
    }
    EXPECT_EQ(rig.uninspected(), 0u) << carrier.name;
  }
}

TEST(Fragments, OfAnotherRealmAreOfAnotherDatagram) {
  Rig rig{"host:" + kListed};
  const std::vector<Sent> bad = fragments(dns(kListed), {24}), good = fragments(dns(kOther), {24});
  EXPECT_TRUE(rig.send(bad[0], LinkType::ethernet, {1}).forwarded());
  EXPECT_TRUE(rig.send(good[0], LinkType::ethernet, {2}).forwarded());
  EXPECT_EQ(rig.send(good[1], LinkType::ethernet, {2}).fate.reason, FrameReason::pass_unlisted);
  EXPECT_EQ(rig.send(bad[1], LinkType::ethernet, {1}).fate.reason, FrameReason::drop_listed);
}

TEST(Fragments, OfWhatHoldsNoRequestTakeNoMemory) {
  Rig rig{"host:" + kListed};
  Bytes icmp = dns(kOther).bytes;
  icmp[14 + 9] = 1;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(rig.send({fragment(icmp, {0, 24, true}, i), Side::subscriber}).fate.reason, FrameReason::pass_fragment);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Fragments, RealOnesStayReadableBesideAFloodOfForgedOnes) {
  PipelineOptions options = Rig::small();
  options.limits.fragment_datagrams = 1024;
  options.limits.fragment_blocks = 1024;
  Rig rig({"host:" + kListed}, options);
  std::mt19937 random(5);
  std::size_t stopped = 0, passed = 0;
  constexpr int kReal = 2000, kForgedBetween = 100;
  for (int i = 0; i < kReal; ++i) {
    const bool is_listed = i % 2 == 0;
    const auto id = static_cast<std::uint32_t>(i);
    const std::vector<Sent> parts = fragments(dns(is_listed ? kListed : kOther), {24}, id);
    EXPECT_TRUE(rig.send(parts[0]).forwarded());
    for (int j = 0; j < kForgedBetween; ++j) {
      Ends forged = dns_ends(true);
      forged.client = "203.0.113." + std::to_string(random() % 250 + 1);
      const Bytes bytes = PacketBuilder(forged).payload(dns_query({kOther})).udp();
      rig.send({fragment(bytes, {24, 32, true}, static_cast<std::uint32_t>(random() & 0xffff)), Side::subscriber});
    }
    const Seen last = rig.send(parts[1]);
    stopped += is_listed && last.fate.reason == FrameReason::drop_listed;
    passed += !is_listed && last.fate.reason == FrameReason::pass_unlisted;
    rig.wait(1'000'000);
  }
  EXPECT_EQ(stopped, kReal / 2u);
  EXPECT_EQ(passed, kReal / 2u);
}

}  // namespace
}  // namespace parapet::packet
