// SPDX-License-Identifier: Apache-2.0
// DNS over TCP, cut where the input says: each message that is a query gives what read_dns_questions gives of it alone.
//   input  byte 0: how far apart the cuts are; the rest: messages behind their lengths
#include <algorithm>
#include <memory>
#include <vector>

#include "exact_pieces.h"
#include "message_builder.h"
#include "packet/extract/dns_machine.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using support::Bytes;

using fuzz::require;

void note(std::vector<Bytes>& out, ByteView name) { out.emplace_back(name.begin(), name.end()); }

std::vector<Bytes> read_pieces(ByteView stream, std::size_t step) {
  std::vector<Bytes> names;
  DnsMachine machine;
  machine.expect();
  const auto text = std::make_unique_for_overwrite<RequestText>();
  fuzz::ExactPieces pieces(std::min(step, stream.size()));
  while (!stream.empty()) {
    const ByteView exact = pieces.take(stream, step);
    for (std::size_t at = 0; at < exact.size();) {
      const DnsMachine::Progress made = machine.feed(exact.subspan(at), *text);
      require(made.consumed > 0);
      at += made.consumed;
      if (made.step == DnsMachine::Step::not_dns) return names;
      if (made.step != DnsMachine::Step::request) continue;
      require(text->name_count > 0 || text->name_lost);
      for (std::size_t i = 0; i < text->name_count; ++i) note(names, text->names[i].view());
    }
  }
  return names;
}

// Message by message; of the last one, which may not be whole, nothing is expected.
std::vector<Bytes> read_naively(ByteView stream) {
  std::vector<Bytes> names;
  DnsQuestions questions;
  bool began = false;  // before a message with a header an empty one ends all
  while (stream.size() >= 2) {
    const std::size_t length = load_be16(stream.data());
    if (length + 2 > stream.size() || (length == 0 && !began)) break;
    began |= length >= 12;
    read_dns_questions(stream.subspan(2, length), questions);
    for (std::size_t i = 0; i < questions.count; ++i) note(names, questions.questions[i].view());
    stream = stream.subspan(2 + length);
  }
  return names;
}

Bytes make_seed() {
  Bytes rest = support::dns_question("www.example.test");
  support::append(rest, Bytes{4, 'm', 'a', 'i', 'l', 0xc0, 16, 0, 65, 0, 1, 9, 9});
  Bytes seed{3};
  for (const Bytes& message : {support::dns_query("x.test"), support::dns_message(0x0100, 2, rest), Bytes{1, 2},
                               support::dns_message(0x8180, 1, support::dns_question("r.test"))}) {
    support::append_be16(seed, message.size());
    support::append(seed, message);
  }
  return seed;
}
const Bytes kSeeds[] = {make_seed()};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream{data + 1, size - 1};
  const std::vector<Bytes> whole = read_pieces(stream, stream.size()), expected = read_naively(stream);
  require(read_pieces(stream, 1) == whole);
  require(read_pieces(stream, 1 + data[0] % 32) == whole);
  require(whole.size() >= expected.size() && std::equal(expected.begin(), expected.end(), whole.begin()));
  return 0;
}
