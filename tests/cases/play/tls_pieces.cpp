// SPDX-License-Identifier: Apache-2.0
// Making parts of TLS.
#include "tls_pieces.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "message_builder.h"
#include "position.h"

namespace parapet::cases {
namespace {

// Rising places where a new record begins, 0 and the end left out.
std::vector<std::size_t> read_cuts(const std::string& text, const MarkedBytes& handshake) {
  std::vector<std::size_t> cuts;
  const bool size = text.find_first_not_of("0123456789") == std::string::npos;
  if (size) {
    const std::size_t step = std::stoul(text);
    for (std::size_t at = step; at < handshake.bytes.size(); at += step) cuts.push_back(at);
    return cuts;
  }
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) cuts.push_back(place_of(word, handshake));
  return cuts;
}

Bytes read_hex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

}  // namespace

Bytes hello_head(std::size_t extensions_length, std::size_t version) {
  Bytes body;
  support::append_be16(body, version);
  for (unsigned i = 0; i < 32; ++i) body.push_back(static_cast<std::uint8_t>(0x90 + i));
  body.push_back(32);
  body.insert(body.end(), 32, 0x22);
  support::append_be16(body, 6);
  body.insert(body.end(), {0x13, 0x01, 0x13, 0x02, 0x1a, 0x1a});
  body.insert(body.end(), {1, 0});
  support::append_be16(body, extensions_length);
  Bytes head{1};
  support::append_be24(head, body.size() + extensions_length);
  support::append(head, ByteView{body});
  return head;
}

Bytes record_head(std::size_t type, std::size_t length, std::size_t version) {
  Bytes head{static_cast<std::uint8_t>(type)};
  support::append_be16(head, version);
  support::append_be16(head, length);
  return head;
}

MarkedBytes cut_into_records(const MarkedBytes& handshake, const std::vector<std::string>& arguments) {
  Bytes between;
  if (arguments.size() > 2) between = read_hex(arguments[2].substr(arguments[2].find('=') + 1));
  std::vector<std::size_t> edges = read_cuts(arguments.at(1), handshake);
  edges.push_back(handshake.bytes.size());
  MarkedBytes out;
  std::size_t begin = 0;
  for (const std::size_t end : edges) {
    if (begin > 0) support::append(out.bytes, ByteView{between});
    support::append(out.bytes, ByteView{record_head(22, end - begin)});
    const std::size_t shift = out.bytes.size() - begin;
    if (handshake.name) {
      if (handshake.name->begin >= begin && handshake.name->begin < end) {
        out.name = {handshake.name->begin + shift, 0};
      }
      if (handshake.name->end > begin && handshake.name->end <= end) out.name->end = handshake.name->end + shift;
    }
    support::append(out.bytes, ByteView{handshake.bytes}.subspan(begin, end - begin));
    begin = end;
  }
  return out;
}

}  // namespace parapet::cases
