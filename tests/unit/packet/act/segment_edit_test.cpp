// SPDX-License-Identifier: Apache-2.0
// Cut and rewritten segments are what a sender would have made.
#include "packet/act/segment_edit.h"

#include <gtest/gtest.h>

#include <random>

#include "carrier_builder.h"
#include "packet_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using support::Ends;
using support::PacketBuilder;

TEST(SegmentEdit, ACutSegmentIsTheShorterOneItsSenderWouldHaveSent) {
  const std::string text = "the part before, and what is cut off";
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    for (std::uint32_t length = 0; length < text.size(); ++length) {
      const auto make = [&](std::string_view payload, std::uint8_t flags) {
        return PacketBuilder(ends)
            .tag(3)
            .payload(payload)
            .trailer(payload.size() == text.size() ? 6 : 0)
            .tcp(1, 2, flags);
      };
      Bytes frame = make(text, kTcpAck | kTcpPsh | kTcpFin);
      Decoded decoded = decode_packet(frame, LinkType::ethernet);
      const std::uint32_t cut = cut_segment(frame, decoded, length);
      const Bytes left(frame.begin() + cut, frame.end());
      EXPECT_EQ(left, Bytes(left.size())) << "what was cut off is wiped";
      frame.resize(cut);
      EXPECT_EQ(frame, make(text.substr(0, length), kTcpAck));
      EXPECT_EQ(decoded.payload_length, length);
    }
  }
}

TEST(SegmentEdit, ACutSegmentInCarriersIsTheShorterOneInThem) {
  const std::string text = "the part before, and what is cut off";
  const auto make = [](const Ends& ends, std::string_view payload, const support::NamedCarrier& inner,
                       const support::NamedCarrier* outer, bool with_length_field) {
    support::Carried packet = inner.put_in(support::carried(PacketBuilder(ends).payload(payload).tcp(1, 2, kTcpAck)));
    if (outer != nullptr) packet = outer->put_in(packet);
    if (with_length_field) packet = support::llc_snap(packet);
    return support::on_ethernet(packet, {1, 2});
  };
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    for (const support::NamedCarrier& inner : support::all_carriers()) {
      for (const support::NamedCarrier& outer : support::all_carriers()) {
        const bool stacked = outer.name.starts_with("vxlan") || outer.name == "pseudowire";
        if (!stacked && outer.name != inner.name) continue;
        for (const bool with_length_field : {false, true}) {
          for (const std::uint32_t length : {0u, 1u, 17u, 35u}) {
            Bytes frame = make(ends, text, inner, stacked ? &outer : nullptr, with_length_field);
            Decoded decoded = decode_packet(frame, LinkType::ethernet);
            ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
            frame.resize(cut_segment(frame, decoded, length));
            EXPECT_EQ(frame, make(ends, text.substr(0, length), inner, stacked ? &outer : nullptr, with_length_field))
                << inner.name << " in " << outer.name;
          }
        }
      }
    }
  }
}

TEST(SegmentEdit, ARepairedChecksumLeavesThoseOfCarriersRight) {
  for (const support::NamedCarrier& carrier : support::all_carriers()) {
    for (const std::string payload : {"odd", "even"}) {
      Bytes frame = support::on_ethernet(
          carrier.put_in(support::carried(PacketBuilder(Ends{}).payload(payload).tcp(1, 2, kTcpAck))));
      const Decoded decoded = decode_packet(frame, LinkType::ethernet);
      const ChecksumRepair repair(frame, decoded);
      for (std::uint32_t at = 0; at < decoded.payload_length; ++at) frame[decoded.payload_offset + at] ^= 0x5a;
      EXPECT_FALSE(checksum_fits(frame, decoded));
      repair.finish(frame);
      EXPECT_TRUE(checksum_fits(frame, decoded)) << carrier.name;
    }
  }
}

TEST(SegmentEdit, ARepairedChecksumIsRightWhereItWasRight) {
  std::mt19937 engine(9);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (int i = 0; i < 2000; ++i) {
    Bytes payload(1 + random() % 99);
    for (std::uint8_t& byte : payload)
      byte = random() % 3 == 0 ? 0xff : random() % 2 == 0 ? 0 : static_cast<std::uint8_t>(random());
    const bool bad = i % 10 == 0;
    PacketBuilder builder(i % 2 == 0 ? Ends{} : Ends::v6());
    if (bad) builder.bad_checksum();
    Bytes frame = builder.payload(payload).tcp(random(), random(), kTcpAck);
    const Decoded decoded = decode_packet(frame, LinkType::ethernet);
    const ChecksumRepair repair(frame, decoded);
    for (std::uint32_t at = 0; at < decoded.payload_length; ++at) {
      if (random() % 4 == 0) frame[decoded.payload_offset + at] = static_cast<std::uint8_t>(random());
    }
    repair.finish(frame);
    ASSERT_EQ(checksum_fits(frame, decoded), !bad) << i;
  }
}

}  // namespace
}  // namespace parapet::packet
