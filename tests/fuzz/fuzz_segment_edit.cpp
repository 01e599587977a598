// SPDX-License-Identifier: Apache-2.0
// Segments that are cut, altered and answered: lengths and checksums fit afterwards, and nothing else changed.
//   input  byte 0: link type, and whether the IPv4 header is put right; bytes 1-2: where to cut; the rest: the frame
#include <vector>

#include "carrier_builder.h"
#include "input.h"
#include "mend_ipv4.h"
#include "packet/act/reset.h"
#include "packet/act/segment_edit.h"
#include "packet/decode/decode.h"
#include "packet_builder.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using Bytes = std::vector<std::uint8_t>;

using fuzz::require;

Bytes make_seed(const support::PacketBuilder& builder) {
  Bytes seed{0x80, 0, 5};
  support::append(seed, builder.tcp(1000, 2000, kTcpAck | kTcpPsh | kTcpFin));
  return seed;
}
Bytes in_carriers(const std::vector<std::string>& carriers) {
  Bytes seed{0x80, 0, 5};
  const Bytes frame = support::PacketBuilder({}).payload("GET / HTTP/1.1").tcp(1000, 2000, kTcpAck);
  support::append(seed, support::frame_of(support::carried(frame), carriers, support::Way::up));
  return seed;
}
const Bytes kSeeds[] = {
    make_seed(support::PacketBuilder({}).payload("GET / HTTP/1.1").trailer(3)),
    in_carriers({"gre-full", "pseudowire", "gtpu-full"}),
    in_carriers({"llc", "pppoe", "ip-in-ipv6", "vxlan"}),
    make_seed(support::PacketBuilder(support::Ends::v6()).tag(100).tag(7, 0x88a8).payload("abcdefg")),
};

void check_reset(ByteView frame, LinkType link, const Decoded& decoded, ResetTo to) {
  Encapsulation before;
  if (!copy_encapsulation(frame, decoded, before)) return;
  if (to == ResetTo::sender) turn_round(before);
  std::array<std::uint8_t, kMaxResetLength> bytes;
  const std::size_t length = build_reset(before, decoded.flow, to, 7, 9, 1, bytes);
  require(length > 0 && length <= bytes.size());
  const ByteView made = ByteView{bytes}.first(length);
  const Decoded reset = decode_packet(made, link);
  require(reset.outcome == DecodeOutcome::tcp && (reset.flags & kTcpRst) != 0);
  require(reset.carriers == decoded.carriers);
  require(reset.payload_length == 0 && reset.seq == 7 && checksum_fits(made, reset));
  const bool back = to == ResetTo::sender;
  require(reset.flow.source == (back ? decoded.flow.destination : decoded.flow.source));
  require(reset.flow.destination_port == (back ? decoded.flow.source_port : decoded.flow.destination_port));
}

void check_cut(Bytes frame, LinkType link, Decoded decoded, std::uint32_t keep) {
  const Bytes before = frame;
  const std::uint32_t length = cut_segment(frame, decoded, keep);
  require(length <= frame.size());
  for (std::size_t i = length; i < frame.size(); ++i) require(frame[i] == 0);
  frame.resize(length);
  const Decoded after = decode_packet(frame, link);
  require(after.outcome == DecodeOutcome::tcp && after.payload_length == keep && checksum_fits(frame, after));
  require(after.seq == decoded.seq && after.payload_offset == decoded.payload_offset);
  require(std::equal(frame.begin() + after.payload_offset, frame.end(), before.begin() + after.payload_offset));
}

void check_repair(Bytes frame, const Decoded& decoded) {
  const bool fitted = checksum_fits(frame, decoded);
  const ChecksumRepair repair(frame, decoded);
  for (std::uint32_t i = 0; i < decoded.payload_length; i += 3) frame[decoded.payload_offset + i] ^= 0x5a;
  repair.finish(frame);
  require(checksum_fits(frame, decoded) == fitted);
}

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t shape = input.u8();
  const std::uint16_t cut = input.u16();
  const LinkType link = fuzz::link_of(shape);
  const ByteView rest = input.bytes(size);
  Bytes frame(rest.begin(), rest.end());
  if ((shape & 0x80) != 0) fuzz::mend_ipv4(frame, link);
  const Decoded decoded = decode_packet(frame, link);
  if (decoded.outcome != DecodeOutcome::tcp) return 0;
  check_reset(frame, link, decoded, ResetTo::sender);
  check_reset(frame, link, decoded, ResetTo::receiver);
  check_repair(frame, decoded);
  if (decoded.payload_length > 0 && !decoded.marks.sealed)
    check_cut(frame, link, decoded, cut % decoded.payload_length);
  return 0;
}
