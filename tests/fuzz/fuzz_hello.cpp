// SPDX-License-Identifier: Apache-2.0
// Handshake messages of a TLS client, cut where the input says: the pieces give what the whole gives, and that is what
// a naive reader of each whole hello finds in it.
//   input  byte 0: how far apart the cuts are; the rest: messages
#include <algorithm>
#include <memory>
#include <vector>

#include "exact_pieces.h"
#include "message_builder.h"
#include "packet/extract/hello_walk.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using support::Bytes;

constexpr std::uint32_t kLimit = 4096;

using fuzz::require;

struct Hello {
  std::vector<Bytes> names;
  bool name_lost = false, ech = false, early_data = false;
  bool operator==(const Hello&) const = default;
};

std::vector<Hello> walk_pieces(ByteView stream, std::size_t step) {
  std::vector<Hello> hellos;
  HelloWalk walk;
  const auto text = std::make_unique_for_overwrite<RequestText>();
  fuzz::ExactPieces pieces(std::min(step, stream.size()));
  while (!stream.empty()) {
    const ByteView exact = pieces.take(stream, step);
    for (std::size_t at = 0; at < exact.size();) {
      const HelloWalk::Progress made = walk.feed(exact.subspan(at), *text, kLimit);
      require(made.consumed > 0);
      at += made.consumed;
      if (made.step == HelloWalk::Step::too_long) return hellos;
      if (made.step != HelloWalk::Step::hello) continue;
      Hello hello{{}, text->name_lost, walk.ech_present(), walk.early_data()};
      for (std::size_t i = 0; i < text->name_count; ++i) {
        const ByteView name = text->names[i].view();
        hello.names.emplace_back(name.begin(), name.end());
      }
      hellos.push_back(hello);
    }
  }
  return hellos;
}

// Takes `length` bytes off the front, or what there is.
ByteView take(ByteView& from, std::size_t length) {
  const ByteView taken = from.first(std::min(length, from.size()));
  from = from.subspan(taken.size());
  return taken;
}
// A number; whole only if all its bytes are there.
bool take_number(ByteView& from, std::size_t width, std::size_t& number) {
  const ByteView bytes = take(from, width);
  number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return bytes.size() == width;
}

void read_names(ByteView list, Hello& hello) {
  std::size_t type, length;
  if (!take_number(list, 2, length)) return;  // goes to the end of the extension, whatever it says
  while (take_number(list, 1, type) && take_number(list, 2, length)) {
    const ByteView name = take(list, length);
    if (type != 0 || length == 0) continue;
    if (name.size() < length || name.size() > kMaxNameLength || hello.names.size() == kMaxNames) {
      hello.name_lost = true;
    } else {
      hello.names.emplace_back(name.begin(), name.end());
    }
  }
}

Hello read_hello(ByteView body) {
  Hello hello;
  std::size_t type, length;
  take(body, 34);
  for (const std::size_t width : {1U, 2U, 1U}) {
    if (!take_number(body, width, length)) return hello;
    take(body, length);
  }
  if (!take_number(body, 2, length)) return hello;  // goes to the end of the message
  while (take_number(body, 2, type) && take_number(body, 2, length)) {
    const ByteView extension = take(body, length);
    if (type == 0) read_names(extension, hello);
    hello.ech |= type == 0xfe0d;
    hello.early_data |= type == 42;
  }
  return hello;
}

std::vector<Hello> read_naively(ByteView stream) {
  std::vector<Hello> hellos;
  std::size_t type, length;
  while (take_number(stream, 1, type) && take_number(stream, 3, length)) {
    if (length > kLimit || length > stream.size()) break;
    const ByteView body = take(stream, length);
    if (type == 1) hellos.push_back(read_hello(body));
  }
  return hellos;
}

std::vector<Bytes> make_seeds() {
  Bytes two{7};
  support::append(two, support::TlsHello()
                           .server_names({{1, "d"}, {0, "x.test"}})
                           .early_data()
                           .encrypted_client_hello()
                           .server_name("y.test")
                           .message());
  support::append(two, Bytes{16, 0, 0, 2, 1, 2});
  support::append(two, support::TlsHello().session(0).padding(3).server_name("z.test").message());
  return {two};
}
const std::vector<Bytes> kSeeds = make_seeds();

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream{data + 1, size - 1};
  const std::vector<Hello> whole = walk_pieces(stream, stream.size());
  require(walk_pieces(stream, 1) == whole);
  require(walk_pieces(stream, 1 + data[0] % 64) == whole);
  require(read_naively(stream) == whole);
  return 0;
}
