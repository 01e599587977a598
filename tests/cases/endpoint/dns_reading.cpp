// SPDX-License-Identifier: Apache-2.0
// Names by their labels, pointers followed wherever they lead.  RFC 1035 §4.1
#include "dns_reading.h"

namespace parapet::cases {
namespace {

// The name at `at`, which is moved behind it; false: it leaves the message or never ends.
bool read_name(ByteView message, std::size_t& at, std::string& out) {
  std::size_t place = at;
  bool jumped = false;
  for (int hops = 0; hops < 128; ++hops) {
    if (place >= message.size()) return false;
    const std::size_t length = message[place];
    if ((length & 0xc0) == 0xc0) {
      if (place + 2 > message.size()) return false;
      if (!jumped) at = place + 2;
      jumped = true;
      place = load_be16(message.data() + place) & 0x3fffu;
      continue;
    }
    if ((length & 0xc0) != 0 || place + 1 + length > message.size()) return false;
    if (length == 0) {
      if (!jumped) at = place + 1;
      return true;
    }
    if (!out.empty()) out += '.';
    for (std::size_t i = 1; i <= length; ++i) {
      const char c = static_cast<char>(message[place + i]);
      if (c == '.' || c == '\\') out += '\\';
      out += c;
    }
    place += 1 + length;
  }
  return false;
}

}  // namespace

std::vector<Request> read_dns(ByteView message) {
  std::vector<Request> out;
  if (message.size() < 12 || (message[2] & 0xf8) != 0) return out;
  std::size_t at = 12;
  for (unsigned left = load_be16(message.data() + 4); left > 0; --left) {
    Request request;
    if (!read_name(message, at, request.host) || at + 4 > message.size()) return out;
    at += 4;
    out.push_back(request);
  }
  return out;
}

std::vector<Request> read_dns_stream(ByteView stream) {
  std::vector<Request> out;
  while (stream.size() >= 2) {
    const std::size_t length = load_be16(stream.data());
    if (2 + length > stream.size()) break;
    for (const Request& request : read_dns(stream.subspan(2, length))) out.push_back(request);
    stream = stream.subspan(2 + length);
  }
  return out;
}

}  // namespace parapet::cases
