// SPDX-License-Identifier: Apache-2.0
// Reading long headers.
#include "packet/quic/long_header.h"

#include <optional>

#include "packet/quic/varint.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint32_t kVersion1 = 1, kVersion2 = 0x6b3343cf, kVersion2Draft = 0x709a50c4;
constexpr std::uint32_t kDraft29 = 0xff00001d, kDraft32 = 0xff000020, kDraft34 = 0xff000022;
constexpr std::uint32_t kNegotiation = 0;
constexpr std::size_t kVersionEnd = 5;

std::optional<QuicVersion> readable_version(std::uint32_t version) noexcept {
  if (version == kVersion1) return QuicVersion::v1;
  if (version == kVersion2) return QuicVersion::v2;
  if (version == kVersion2Draft) return QuicVersion::v2_draft;
  if (version >= kDraft29 && version <= kDraft32) return QuicVersion::draft_29;
  if (version > kDraft32 && version <= kDraft34) return QuicVersion::v1;
  return std::nullopt;
}

// RFC 9000 §15: versions 0x?a?a?a?a are sent to be refused.
bool is_reserved(std::uint32_t version) noexcept { return (version & 0x0f0f0f0f) == 0x0a0a0a0a; }

// RFC 9369 §3.2: version 2 numbers the types one further than version 1.
LongPacket type_of(std::uint8_t first, QuicVersion version) noexcept {
  const unsigned bits = first >> 4 & 3;
  return static_cast<LongPacket>(version >= QuicVersion::v2 ? (bits + 3) % 4 : bits);
}

}  // namespace

//   form 1, fixed 1, type 2, of the type 4 | version 4 | length 1, destination id | length 1, source id
//   Initial: length varint, token | all but Retry: length varint | packet number 1..4 | payload
HeaderOutcome read_long_header(ByteView rest, LongHeader& out) noexcept {
  ByteReader reader(rest);
  const std::uint8_t first = reader.u8();
  if ((first & kLongForm) == 0) return HeaderOutcome::none;
  const std::uint32_t version = reader.be32();
  const ByteView destination = reader.take(reader.u8());
  const ByteView source = reader.take(reader.u8());
  if (!reader.ok() || destination.size() > kMaxConnectionId || source.size() > kMaxConnectionId) {
    return HeaderOutcome::none;
  }
  const std::optional<QuicVersion> readable = readable_version(version);
  if (!readable) {
    return version == kNegotiation || is_reserved(version) ? HeaderOutcome::none : HeaderOutcome::unknown_version;
  }
  out.version = *readable;
  out.type = type_of(first, *readable);
  out.destination = ConnectionId::of(destination);
  if (out.type == LongPacket::retry) {
    out.number_at = 0;
    out.length = rest.size();
    return HeaderOutcome::packet;
  }
  if (out.type == LongPacket::initial) {
    const std::uint64_t token = read_varint(reader);
    if (token > reader.remaining()) return HeaderOutcome::none;
    reader.skip(token);
  }
  const std::uint64_t length = read_varint(reader);
  if (!reader.ok() || length > reader.remaining()) return HeaderOutcome::none;
  out.number_at = reader.position();
  out.length = reader.position() + length;
  return HeaderOutcome::packet;
}

bool has_long_form(ByteView payload) noexcept {
  if (payload.size() <= kVersionEnd || (payload[0] & kLongForm) == 0) return false;
  const std::uint32_t version = load_be32(payload.data() + 1);
  return version != kNegotiation && !is_reserved(version) && payload[kVersionEnd] <= kMaxConnectionId;
}

}  // namespace parapet::packet
