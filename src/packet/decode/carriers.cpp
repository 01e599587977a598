// SPDX-License-Identifier: Apache-2.0
// Reading the headers of carriers.
#include "packet/decode/carriers.h"

#include "packet/decode/link_layer.h"

namespace parapet::packet {
namespace {

constexpr unsigned kMaxLabels = 32;
constexpr unsigned kMaxGtpExtensions = 8;
constexpr std::size_t kVxlanHeaderLength = 8;
constexpr std::uint8_t kVxlanFlags = 0x08;

// The first word of a GRE header; 0x4000, routing (RFC 1701), is read by nobody.
constexpr std::uint16_t kGreChecksum = 0x8000, kGreKey = 0x2000, kGreSequence = 0x1000, kGreAcknowledge = 0x0080,
                        kGreVersion = 0x0007;
constexpr std::uint16_t kGreKnown = kGreChecksum | kGreKey | kGreSequence;
constexpr std::uint16_t kPptpKnown = kGreKey | kGreSequence | kGreAcknowledge | 1;

// The first byte of a GTP-U header: version 1, protocol type GTP.
constexpr std::uint8_t kGtpVersionMask = 0xf0, kGtpVersion1 = 0x30, kGtpExtension = 0x04, kGtpSequence = 0x02,
                       kGtpOptional = 0x07, kGtpGpdu = 255;

// `found` counts from `offset` on.
Inside behind(std::size_t offset, Inside found) noexcept {
  found.offset = static_cast<std::uint16_t>(found.offset + offset);
  return found;
}

}  // namespace

Inside read_mpls(ByteView bytes) noexcept {
  std::size_t at = 0;
  for (unsigned labels = 1;; ++labels, at += 4) {
    if (bytes.size() < at + 4) return {Content::malformed};
    const bool is_bottom = (bytes[at + 2] & 1) != 0;
    if (is_bottom) break;
    if (labels == kMaxLabels) return {Content::too_deep};
  }
  at += 4;
  if (at == bytes.size()) return {Content::malformed};
  if (bytes[at] >> 4 != 0) return behind(at, read_any_ip(bytes.subspan(at)));
  return bytes.size() < at + 4 ? Inside{Content::malformed}
                               : inside_at(Content::ethernet, at + 4, bytes.size() - at - 4);
}

Inside read_pppoe(ByteView bytes) noexcept {
  if (bytes.size() < kPppoeHeaderLength) return {Content::malformed};
  const std::size_t length = load_be16(bytes.data() + 4);
  if (bytes[0] != 0x11 || bytes[1] != 0) return {Content::not_ip};
  if (length > bytes.size() - kPppoeHeaderLength) return {Content::malformed};
  return inside_at(Content::ppp, kPppoeHeaderLength, length);
}

std::size_t gre_header_length(const std::uint8_t* header) noexcept {
  const std::uint16_t word = load_be16(header);
  std::size_t length = 4;
  if ((word & kGreChecksum) != 0) length += 4;
  if ((word & kGreKey) != 0) length += 4;
  if ((word & kGreSequence) != 0) length += 4;
  if ((word & kGreAcknowledge) != 0) length += 4;
  return length;
}

Inside read_gre(ByteView bytes, CarrierMarks& marks) noexcept {
  if (bytes.size() < 4) return {Content::malformed};
  const std::uint16_t word = load_be16(bytes.data()), type = load_be16(bytes.data() + 2);
  const bool is_pptp = (word & kGreVersion) == 1;
  // Source routes (RFC 1701) are dead, and what other bits mean nobody knows.
  if ((word & ~(is_pptp ? kPptpKnown : kGreKnown)) != 0) return {Content::other_protocol};
  const std::size_t header = gre_header_length(bytes.data());
  if (bytes.size() < header) return {Content::malformed};
  if ((word & kGreChecksum) != 0) marks.lengths = marks.checksums = true;
  if ((word & (kGreSequence | kGreAcknowledge)) != 0) marks.sequenced = true;
  if (is_pptp) {
    if ((word & kGreKey) == 0 || type != 0x880b) return {Content::other_protocol};
    marks.lengths = true;
    const std::size_t length = load_be16(bytes.data() + 4);  // the upper half of the key
    if (length > bytes.size() - header) return {Content::malformed};
    // One that carries nothing only acknowledges.
    return (word & kGreSequence) != 0 ? inside_at(Content::ppp, header, length) : Inside{Content::other_protocol};
  }
  if (type == 0x6558) return inside_at(Content::ethernet, header, bytes.size() - header);
  const Inside found = content_of(type, header, bytes.size() - header);
  return found.content == Content::not_ip || found.content == Content::pppoe ? Inside{Content::other_protocol} : found;
}

Inside read_vxlan(ByteView bytes, std::uint32_t& vni) noexcept {
  if (bytes.size() < kVxlanHeaderLength) return {Content::malformed};
  vni = load_be24(bytes.data() + 4);
  return inside_at(Content::ethernet, kVxlanHeaderLength, bytes.size() - kVxlanHeaderLength);
}

//   0        1      2        4      8       10      11         12
//   | flags  | type | length | TEID | (seq  | N-PDU | next ext)| (ext: length in words | … | next ext) …
// The length counts from 8 on; the word at 8 is there where any of three flags is.
Inside read_gtp_u(ByteView bytes, CarrierMarks& marks) noexcept {
  marks.lengths = true;
  const std::size_t end = kGtpHeaderLength + load_be16(bytes.data() + 2);
  if (end > bytes.size()) return {Content::malformed};
  std::size_t at = kGtpHeaderLength;
  if ((bytes[0] & kGtpOptional) != 0) {
    at += 4;
    if (at > end) return {Content::malformed};
    if ((bytes[0] & kGtpSequence) != 0) marks.sequenced = true;
    std::uint8_t next = (bytes[0] & kGtpExtension) != 0 ? bytes[at - 1] : std::uint8_t{0};
    for (unsigned extensions = 0; next != 0; ++extensions) {
      if (extensions == kMaxGtpExtensions) return {Content::too_deep};
      if (at == end) return {Content::malformed};
      const std::size_t length = bytes[at] * std::size_t{4};
      if (length == 0 || length > end - at) return {Content::malformed};
      at += length;
      next = bytes[at - 1];
    }
  }
  return behind(at, read_any_ip(bytes.subspan(at, end - at)));
}

Content content_of_datagram(std::uint16_t destination_port, ByteView payload) noexcept {
  switch (destination_port) {
    case 4789:
    case 8472: return !payload.empty() && payload[0] == kVxlanFlags ? Content::vxlan : Content::udp;
    case 2152: {
      const bool is_gpdu = payload.size() >= kGtpHeaderLength && (payload[0] & kGtpVersionMask) == kGtpVersion1 &&
                           payload[1] == kGtpGpdu;
      return is_gpdu ? Content::gtp_u : Content::udp;
    }
    default: return Content::udp;
  }
}

}  // namespace parapet::packet
