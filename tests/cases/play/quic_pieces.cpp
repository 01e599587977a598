// SPDX-License-Identifier: Apache-2.0
// Making parts of QUIC.
#include "quic_pieces.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "position.h"
#include "quic_builder.h"

namespace parapet::cases {
namespace {

constexpr std::size_t kSmallestInitial = 1200;  // RFC 9000 §14.1

bool has(const Arguments& arguments, const std::string& word) {
  return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}
std::optional<std::string> value_of(const Arguments& arguments, const std::string& name) {
  for (const std::string& argument : arguments) {
    if (argument.starts_with(name + "=")) return argument.substr(name.size() + 1);
  }
  return {};
}
std::size_t number_of(const Arguments& arguments, const std::string& name, std::size_t fallback) {
  const auto value = value_of(arguments, name);
  return value ? std::stoul(*value) : fallback;
}
std::uint32_t version_of(const Arguments& arguments) {
  const auto value = value_of(arguments, "version");
  return value ? static_cast<std::uint32_t>(std::stoul(*value, nullptr, 16)) : support::kQuicV1;
}

}  // namespace

Bytes seal_initial(const Arguments& arguments, const Bytes& frames) {
  const std::size_t id = number_of(arguments, "id", 1);
  support::QuicInitial initial(support::quic_id(id));
  initial.destination(support::quic_id(number_of(arguments, "to", id)));
  initial.version(version_of(arguments));
  initial.number(number_of(arguments, "number", 0), static_cast<unsigned>(number_of(arguments, "number_length", 4)));
  initial.token(number_of(arguments, "token", 0));
  if (has(arguments, "no_fixed_bit")) initial.without_fixed_bit();
  if (has(arguments, "reserved_bits")) initial.reserved_bits();
  if (has(arguments, "bad_tag")) initial.bad_tag();
  return initial.raw(frames).padded_to(number_of(arguments, "size", kSmallestInitial)).seal();
}

Bytes crypto_frame(const Arguments& arguments, const MarkedBytes& stream) {
  const std::string& range = arguments.at(1);
  const auto dots = range.find("..");
  if (dots == std::string::npos) throw std::invalid_argument("{crypto} wants a range");
  const std::size_t begin = place_of(range.substr(0, dots), stream), end = place_of(range.substr(dots + 2), stream);
  if (begin > end) throw std::invalid_argument("the range ends before it begins");
  Bytes part(stream.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
             stream.bytes.begin() + static_cast<std::ptrdiff_t>(end));
  if (has(arguments, "zeros")) std::fill(part.begin(), part.end(), std::uint8_t{0});
  Bytes frame{6};
  support::append_varint(frame, begin);
  support::append_varint(frame, part.size());
  support::append(frame, ByteView{part});
  return frame;
}

Bytes opaque_packet(const Arguments& arguments) {
  const support::QuicType type =
      arguments.at(0) == "zero_rtt" ? support::QuicType::zero_rtt : support::QuicType::handshake;
  return support::quic_opaque_packet(type, support::quic_id(number_of(arguments, "id", 1)), std::stoul(arguments.at(1)),
                                     version_of(arguments));
}

}  // namespace parapet::cases
