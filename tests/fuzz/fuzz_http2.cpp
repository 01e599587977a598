// SPDX-License-Identifier: Apache-2.0
// Frames of an HTTP/2 client, cut where the input says: the pieces give what the whole gives, and that is what a naive
// reader of whole frames and whole header blocks finds.
//   input  byte 0: how far apart the cuts are; the rest: frames
#include <algorithm>
#include <memory>
#include <vector>

#include "exact_pieces.h"
#include "http2_builder.h"
#include "packet/extract/http2_fields.h"
#include "packet/extract/http2_machine.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using support::Bytes;

using fuzz::require;

struct Requests {
  std::vector<Bytes> texts;
  bool broke = false;
  bool operator==(const Requests&) const = default;
};

void note(Requests& out, const RequestText& text) {
  Bytes all{text.name_lost, text.target_cut};
  for (std::size_t i = 0; i < text.name_count; ++i) {
    all.push_back(text.names[i].length);
    support::append(all, text.names[i].view());
  }
  support::append(all, text.target_view());
  out.texts.push_back(all);
}

Requests read_pieces(ByteView stream, std::size_t step, HpackPool& pool) {
  Requests out;
  Http2Machine machine;
  const auto text = std::make_unique_for_overwrite<RequestText>();
  fuzz::ExactPieces pieces(std::min(step, stream.size()));
  while (!stream.empty() && !out.broke) {
    const ByteView exact = pieces.take(stream, step);
    for (std::size_t at = 0; at < exact.size() && !out.broke;) {
      const Http2Machine::Progress made = machine.feed(exact.subspan(at), *text, &pool);
      require(made.consumed > 0 && made.step != Http2Machine::Step::no_pool);
      require(machine.body_bytes_ahead() == 0 || !machine.keeps_text());
      at += made.consumed;
      if (made.step == Http2Machine::Step::request) note(out, *text);
      out.broke = made.step == Http2Machine::Step::cap;
    }
  }
  machine.release(&pool);
  require(pool.in_use() == 0);
  return out;
}

// A whole header block; false: it is broken.
bool read_block(ByteView block, HpackDecoder& decoder, Requests& out) {
  const auto text = std::make_unique_for_overwrite<RequestText>();
  text->clear();
  HpackDecoder::Field field;
  HpackDecoder::Step made;
  unsigned fields = 0;
  while ((made = decoder.next(block, true, field)) == HpackDecoder::Step::field) {
    if (++fields > kMaxHeaderFields) return false;
    take_http2_field(field.name, field.value, *text);
  }
  if (made != HpackDecoder::Step::end) return false;
  if (text->name_count > 0 || text->target_length > 0 || text->name_lost) note(out, *text);
  return true;
}

// Whole frames alone. `sure` is false where the stream ends inside of one: then less is found than there may be.
Requests read_naively(ByteView stream, HpackDecoder& decoder, bool& sure) {
  Requests out;
  Bytes block;
  std::uint32_t open = 0;
  unsigned continuations = 0;
  while (stream.size() >= 9) {
    const std::size_t length = load_be24(stream.data());
    const std::uint8_t type = stream[3], flags = stream[4];
    const std::uint32_t id = load_be32(stream.data() + 5) & 0x7fffffff;
    if (9 + length > stream.size()) break;
    ByteView payload = stream.subspan(9, length);
    stream = stream.subspan(9 + length);
    out.broke = true;  // until it is seen not to be
    if ((open != 0) != (type == support::http2::kContinuation)) return out;
    if (type == support::http2::kContinuation) {
      if (id != open || ++continuations > kMaxContinuations) return out;
    } else if (type == support::http2::kHeaders) {
      if (id == 0) return out;
      std::size_t padding = 0, before = (flags & support::http2::kPriority) != 0 ? 5 : 0;
      if ((flags & support::http2::kPadded) != 0) {
        if (payload.empty()) return out;
        padding = payload[0];
        ++before;
      }
      if (before + padding > payload.size()) return out;
      payload = payload.subspan(before, payload.size() - before - padding);
      open = id;
      continuations = 0;
      block.clear();
    } else {
      out.broke = false;
      continue;
    }
    support::append(block, payload);
    if (block.size() > kMaxHeaderBlock) return out;
    if ((flags & support::http2::kEndHeaders) != 0) {
      open = 0;
      if (!read_block(block, decoder, out)) return out;
    }
    out.broke = false;
  }
  sure = stream.empty() && open == 0;
  return out;
}

std::vector<Bytes> make_seeds() {
  support::HpackEncoder encoder;
  Bytes frames{5};
  support::append(frames, support::http2::settings());
  support::append(frames, support::http2::headers_in_pieces(1, encoder.block(support::http2::get("x.test", "/a")), 9));
  support::append(frames, support::http2::frame(support::http2::kData, 0, 1, {1, 2, 3}));
  support::append(frames, support::http2::headers(3, encoder.block(support::http2::get("x.test", "/b"))));
  support::append(frames, support::http2::headers(5, encoder.block({{":path", "/c"}, {"host", "y.test, z.test"}})));
  return {frames};
}
const std::vector<Bytes> kSeeds = make_seeds();

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static HpackPool pool = std::move(*HpackPool::create(1));
  const ByteView stream{data + 1, size - 1};
  const Requests whole = read_pieces(stream, stream.size(), pool);
  require(read_pieces(stream, 1, pool) == whole);
  require(read_pieces(stream, 1 + data[0] % 64, pool) == whole);
  const HpackIndex index = pool.take();
  bool sure = false;
  const Requests naive = read_naively(stream, pool[index], sure);
  pool.give_back(index);
  if (sure || naive.broke) {
    require(naive == whole);
  } else {
    require(naive.texts.size() <= whole.texts.size() &&
            std::equal(naive.texts.begin(), naive.texts.end(), whole.texts.begin()));
  }
  return 0;
}
