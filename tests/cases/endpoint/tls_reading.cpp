// SPDX-License-Identifier: Apache-2.0
// Records into messages, hellos into names.  RFC 8446 §4.1.2, §5.1, RFC 6066 §3
#include "tls_reading.h"

#include "support_bytes.h"

namespace parapet::cases {
namespace {

using support::Bytes;

constexpr std::uint8_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23;

// Cuts `size` bytes off the front; an empty view and false where they are not there.
bool take(ByteView& from, std::size_t size, ByteView& out) {
  if (size > from.size()) return false;
  out = from.first(size);
  from = from.subspan(size);
  return true;
}
// A part that begins with its length in `width` bytes.
bool take_sized(ByteView& from, std::size_t width, ByteView& out) {
  ByteView number;
  if (!take(from, width, number)) return false;
  std::size_t size = 0;
  for (const std::uint8_t byte : number) size = size << 8 | byte;
  return take(from, size, out);
}

void read_names(ByteView extension, std::vector<Request>& out) {
  ByteView list;
  if (!take_sized(extension, 2, list)) return;
  for (ByteView type, name; take(list, 1, type) && take_sized(list, 2, name);) {
    if (type[0] == 0) out.push_back({support::to_text(name), {}});
  }
}

void read_hello(ByteView hello, std::vector<Request>& out) {
  ByteView part, extensions;
  if (!take(hello, 34, part) || !take_sized(hello, 1, part) || !take_sized(hello, 2, part) ||
      !take_sized(hello, 1, part) || !take_sized(hello, 2, extensions)) {
    return;
  }
  for (ByteView type, body; take(extensions, 2, type) && take_sized(extensions, 2, body);) {
    if (load_be16(type.data()) == 0) read_names(body, out);
  }
}

}  // namespace

std::vector<Request> read_handshake(ByteView messages) {
  std::vector<Request> out;
  for (ByteView type, body; take(messages, 1, type) && take_sized(messages, 3, body);) {
    if (type[0] == 1) read_hello(body, out);
  }
  return out;
}

std::vector<Request> read_tls(ByteView stream) {
  Bytes messages;
  for (ByteView head; take(stream, 3, head);) {
    ByteView body;
    if (head[1] != 3 || !take_sized(stream, 2, body)) break;
    if (head[0] == kHandshake) {
      support::append(messages, body);
    } else if (head[0] == kAlert ? body.size() != 2 || body[0] != 1
                                 : head[0] != kChangeCipherSpec && head[0] != kApplicationData) {
      break;
    }
  }
  return read_handshake(messages);
}

}  // namespace parapet::cases
