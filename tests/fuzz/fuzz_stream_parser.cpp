// SPDX-License-Identifier: Apache-2.0
// Client streams, cut where the input says: the pieces give exactly what the whole gives, and could_begin_request never
// refuses a stream that has requests.
//   input  byte 0: how far apart the cuts are and how they vary, in the second bit whether DNS is expected; the rest:
//          the stream
#include <cstring>
#include <memory>
#include <vector>

#include "exact_pieces.h"
#include "http2_builder.h"
#include "message_builder.h"
#include "packet/extract/extract.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using fuzz::require;

void note(std::vector<std::uint8_t>& out, ByteView bytes) {
  support::append_be24(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

HpackPool& pool() {
  static HpackPool pool = std::move(*HpackPool::create(1));
  return pool;
}

// Everything that came out, one byte string: equal strings are equal results.
std::vector<std::uint8_t> read_pieces(ByteView stream, std::size_t step, std::size_t vary, bool to_dns_port) {
  const ExtractContext context{{64 * 1024, 4096}, &pool()};
  std::vector<std::uint8_t> out;
  StreamParser parser(to_dns_port);
  const auto text = std::make_unique_for_overwrite<RequestText>();
  fuzz::ExactPieces pieces(std::min(step + vary, stream.size()));
  ByteView rest = stream;
  bool kept = true;
  std::size_t begin = 0, piece = 0;
  while (!rest.empty()) {
    const ByteView exact = pieces.take(rest, step + (vary > 0 ? piece++ * 7 % (vary + 1) : 0));
    const std::size_t length = exact.size();
    for (std::size_t at = 0, still = 0; at < length;) {
      const Extracted made = parser.feed(exact.subspan(at), *text, context);
      require(made.consumed <= length - at);
      require(made.consumed > 0 || ++still < 3);
      at += made.consumed;
      if (made.outcome == ExtractOutcome::request) {
        support::append_be24(out, begin + at);
        support::append_u8(out, index_of(parser.protocol()));
        support::append_u8(out, text->name_lost + 2U * text->target_cut + 4U * parser.ech_present());
        require(text->name_count <= kMaxNames && text->target_length <= kMaxTargetLength);
        for (std::size_t i = 0; i < text->name_count; ++i) note(out, text->names[i].view());
        note(out, text->target_view());
      } else if (made.outcome == ExtractOutcome::opaque || made.outcome == ExtractOutcome::uninspected) {
        require(pool().in_use() == 0);
        const bool block_broke = made.reason == UninspectedReason::http2_cap;  // at which byte is not told
        support::append_be24(out, block_broke ? 0 : begin + at);
        support::append_u8(out, 100 + index_of(made.reason) + (made.outcome == ExtractOutcome::opaque ? 100 : 0));
        return out;
      }
    }
    const std::uint64_t ahead = parser.body_bytes_ahead();
    require(ahead == 0 || !parser.keeps_text());
    if (kept && !parser.keeps_text()) std::memset(static_cast<void*>(text.get()), 0xdb, sizeof *text);
    kept = parser.keeps_text();
    begin += length;
  }
  parser.release(context);
  require(pool().in_use() == 0);
  return out;
}

std::vector<support::Bytes> make_seeds() {
  std::vector<support::Bytes> seeds;
  for (const char* text :
       {"\x01GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n",
        "\x02P / x\nContent-Length: 3\nHost: x.test\n\nabcGET http://y.test/ x\n\n",
        "\x03PUT / x\r\nTransfer-Encoding: chunked\r\n\r\n3;e\r\nabc\r\n0\r\nT: u\r\n\r\nCONNECT p.test:1 x\n\nG / "
        "x\n\n",
        "\x04P / x\nTransfer-Encoding: chunked\nContent-Length: 3\n\nGET /h x\nHost: h.test\nUpgrade: w\n\n"}) {
    seeds.push_back(support::to_bytes(text));
  }
  support::Bytes hello{5};
  support::append(
      hello,
      support::TlsHello().server_names({{1, "d"}, {0, "x.test"}}).early_data().encrypted_client_hello().records(40));
  support::append(hello, support::tls_record(23, support::Bytes(20, 1)));
  support::append(hello, support::TlsHello().server_name("y.test").record());
  seeds.push_back(hello);
  support::HpackEncoder encoder;
  support::Bytes frames = support::to_bytes("\x06G / x\nUpgrade: h2c\n\n");
  support::append(frames, support::http2::opening());
  support::append(frames, support::http2::headers_in_pieces(1, encoder.block(support::http2::get("x.test", "/a")), 9));
  support::append(frames, support::http2::headers(3, encoder.block(support::http2::get("x.test", "/b"))));
  seeds.push_back(frames);
  const support::Bytes query = support::dns_query("www.example.test");
  support::Bytes messages{7};
  for (int i = 0; i < 2; ++i) {
    support::append_be16(messages, query.size());
    support::append(messages, query);
  }
  seeds.push_back(messages);
  return seeds;
}
const std::vector<support::Bytes> kSeeds = make_seeds();

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream{data + 1, size - 1};
  const bool to_dns_port = (data[0] & 2) != 0;
  const std::vector<std::uint8_t> whole = read_pieces(stream, stream.size(), 0, to_dns_port);
  require(read_pieces(stream, 1, 0, to_dns_port) == whole);
  require(read_pieces(stream, 1 + data[0] % 16, data[0] / 16, to_dns_port) == whole);
  // To DNS that does not begin with a plain query it may say no. Behind the place of the first stands its protocol.
  const bool has_request = whole.size() > 4 && whole[3] != index_of(Protocol::dns);
  require(!has_request || could_begin_request(stream));
  require(!could_begin_unseen_request(stream) || could_begin_request(stream));
  return 0;
}
