// SPDX-License-Identifier: Apache-2.0
// Header blocks come apart into the fields that nghttp2's own encoder put in, whatever their cut; memory is bounded.
#include "packet/hpack/hpack_decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "http2_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using Encoder = support::HpackEncoder;
using Fields = support::Http2Fields;

struct Decoded {
  HpackDecoder::Step end;
  Fields fields;
};
Decoded decode(HpackDecoder& decoder, ByteView block, std::size_t piece = SIZE_MAX) {
  Decoded out{};
  do {
    ByteView fragment = block.first(std::min(piece, block.size()));
    block = block.subspan(fragment.size());
    HpackDecoder::Field field;
    while ((out.end = decoder.next(fragment, block.empty(), field)) == HpackDecoder::Step::field) {
      out.fields.emplace_back(text_of(field.name), text_of(field.value));
    }
  } while (out.end == HpackDecoder::Step::more && !block.empty());
  return out;
}

HpackPool make_pool(std::uint32_t connections) { return std::move(*HpackPool::create(connections)); }

const Fields kRequest{{":method", "GET"}, {":path", "/a?b"}, {":authority", "x.test"}, {"user-agent", "some client"}};

TEST(Hpack, GivesBackWhatWasEncodedRequestAfterRequest) {
  HpackPool pool = make_pool(1);
  HpackDecoder& decoder = pool[pool.take()];
  Encoder encoder;
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    Fields fields = kRequest;
    for (std::size_t more = random() % 5; more > 0; --more) {
      fields.emplace_back("x-" + std::to_string(random() % 40), std::string(random() % 200, 'v'));
    }
    if (round % 50 == 7) encoder.set_table(random() % 4097);
    const Decoded decoded = decode(decoder, encoder.block(fields), 1 + random() % 60);
    ASSERT_EQ(decoded.end, HpackDecoder::Step::end) << round;
    ASSERT_EQ(decoded.fields, fields) << round;
  }
}

TEST(Hpack, RefusesATableOverFourKibibytes) {
  HpackPool pool = make_pool(2);
  EXPECT_EQ(decode(pool[pool.take()], Bytes{0x3f, 0xe1, 0x1f, 0x82}).end, HpackDecoder::Step::end);
  EXPECT_EQ(decode(pool[pool.take()], Bytes{0x3f, 0xe2, 0x1f, 0x82}).end, HpackDecoder::Step::broken);
}

TEST(Hpack, TakesAChangeOfTheTableAnywhereInABlock) {
  HpackPool pool = make_pool(1);
  const Decoded decoded = decode(pool[pool.take()], Bytes{0x20, 0x82, 0x3f, 0xe1, 0x1f, 0x84, 0x20});
  EXPECT_EQ(decoded.end, HpackDecoder::Step::end);
  EXPECT_EQ(decoded.fields, (Fields{{":method", "GET"}, {":path", "/"}}));
}

TEST(Hpack, RefusesWhatIsNoHeaderBlock) {
  for (const Bytes& block : {Bytes{0x80}, Bytes{0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}, Bytes{0xbf},
                             Bytes{0x82, 0x41}, Bytes{0x41, 0x83, 0xff, 0xff, 0xff}}) {
    HpackPool pool = make_pool(1);
    EXPECT_EQ(decode(pool[pool.take()], block).end, HpackDecoder::Step::broken);
  }
}

// A literal field that is not put into the table; its value takes `length` bytes, a multiple of five, all 'a'.
Bytes long_literal(std::size_t length, bool huffman) {
  Bytes block{0, 1, 'n', static_cast<std::uint8_t>(huffman ? 0xff : 0x7f)};
  std::size_t rest = length - 127;
  for (; rest >= 128; rest >>= 7) block.push_back(static_cast<std::uint8_t>(0x80 | (rest & 0x7f)));
  block.push_back(static_cast<std::uint8_t>(rest));
  const Bytes coded{0x18, 0xc6, 0x31, 0x8c, 0x63}, raw(5, 'a');  // RFC 7541 App. B: 'a' is 00011
  for (; length > 0; length -= 5) support::append(block, huffman ? coded : raw);
  return block;
}

TEST(Hpack, HasRoomForLongStringsBesideAFullTable) {
  for (const bool huffman : {false, true}) {
    HpackPool pool = make_pool(1);
    HpackDecoder& decoder = pool[pool.take()];
    Bytes fill;
    for (int i = 0; i < 300; ++i) support::append(fill, Bytes{0x40, 0, 0});  // the smallest entries: as many as can be
    ASSERT_EQ(decode(decoder, fill).end, HpackDecoder::Step::end);
    const Decoded decoded = decode(decoder, long_literal(16380, huffman), 1000);
    EXPECT_EQ(decoded.end, HpackDecoder::Step::end);
    ASSERT_EQ(decoded.fields.size(), 1U);
    EXPECT_EQ(decoded.fields[0].second, std::string(huffman ? 16380 * 8 / 5 : 16380, 'a'));
  }
}

TEST(Hpack, SaysBrokenWhereAStringDoesNotFit) {
  HpackPool pool = make_pool(1);
  HpackDecoder& decoder = pool[pool.take()];
  EXPECT_EQ(decode(decoder, long_literal(60000, true)).end, HpackDecoder::Step::broken);
}

TEST(HpackPool, GivesEachDecoderOnceAndAgainWhenItCameBack) {
  HpackPool pool = make_pool(2);
  const HpackIndex first = pool.take(), second = pool.take();
  EXPECT_NE(first.value, second.value);
  EXPECT_EQ(pool.take(), kNoHpack);
  EXPECT_EQ(pool.in_use(), 2U);
  pool.give_back(first);
  EXPECT_EQ(pool.take(), first);
}

TEST(HpackPool, ADecoderThatComesBackRemembersNothing) {
  HpackPool pool = make_pool(1);
  const HpackIndex decoder = pool.take();
  Encoder encoder;
  EXPECT_EQ(decode(pool[decoder], encoder.block({{"x-name", "remembered.test"}})).end, HpackDecoder::Step::end);
  const auto remembers = [&] { return text_of(pool.bytes()).find("remembered") != std::string_view::npos; };
  EXPECT_TRUE(remembers()) << "it stands in the table: the search works";
  pool.give_back(decoder);
  EXPECT_FALSE(remembers());
  EXPECT_EQ(decode(pool[pool.take()], encoder.block({{"x-name", "remembered.test"}})).end, HpackDecoder::Step::broken)
      << "the encoder refers to a table that is gone";
}

}  // namespace
}  // namespace parapet::packet
