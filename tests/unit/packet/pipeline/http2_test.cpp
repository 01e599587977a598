// SPDX-License-Identifier: Apache-2.0
// Listed requests in cleartext HTTP/2 are stopped, their unlisted twins are not, and the decoders' memory is given
// back.
#include "http2_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

using support::append;
using support::HpackEncoder;
namespace http2 = support::http2;

TEST(Http2Streams, AListedRequestIsDroppedAndItsControlPasses) {
  Rig rig{"host:" + kListed};
  for (const std::string& host : {kListed, kOther}) {
    HpackEncoder encoder;
    TcpConversation talk({"192.0.2.10", "198.51.100.20", static_cast<std::uint16_t>(host == kListed ? 1 : 2), 80});
    rig.shake_hands(talk);
    Bytes stream = http2::opening();
    append(stream, http2::headers(1, encoder.block(http2::get(host, "/"))));
    const Seen seen = rig.send(talk.data(0, stream));
    EXPECT_EQ(seen.fate.reason, host == kListed ? FrameReason::drop_listed : FrameReason::pass_unlisted);
  }
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::block), 1u);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::pass), 1u);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Http2Streams, AUrlIsStoppedAndOthersOfItsHostAreNot) {
  Rig rig{"url:http://mixed.example.test/bad"};
  HpackEncoder encoder;
  TcpConversation talk;
  rig.shake_hands(talk);
  Bytes first = http2::opening();
  append(first, http2::headers(1, encoder.block(http2::get("mixed.example.test", "/good"))));
  append(first, http2::frame(http2::kData, 0, 1, Bytes(100, 'd')));
  EXPECT_EQ(rig.send(talk.data(0, first)).fate.reason, FrameReason::pass_unlisted);
  const Bytes second = http2::headers(3, encoder.block(http2::get("mixed.example.test", "/bad")));
  EXPECT_EQ(rig.send(talk.data(first.size(), second)).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::pass), 1u);
}

TEST(Http2Streams, EveryPathOfAHeaderBlockIsJudged) {
  for (const char* last : {"/bad", "/worse"}) {
    Rig rig{"url:http://mixed.example.test/bad"};
    HpackEncoder encoder;
    TcpConversation talk;
    rig.shake_hands(talk);
    Bytes stream = http2::opening();
    append(
        stream,
        http2::headers(
            1, encoder.block({{":path", "/one"}, {":path", "/two"}, {":path", last}, {"host", "mixed.example.test"}})));
    const bool listed = std::string_view(last) == "/bad";
    EXPECT_EQ(rig.send(talk.data(0, stream)).fate.reason,
              listed ? FrameReason::drop_listed : FrameReason::pass_unlisted);
  }
}

TEST(Http2Streams, ThePartBeforeAListedRequestGoesOn) {
  Rig rig{"host:" + kListed};
  HpackEncoder encoder;
  TcpConversation talk;
  rig.shake_hands(talk);
  Bytes stream = http2::opening();
  append(stream, http2::headers(1, encoder.block(http2::get(kOther, "/"))));
  append(stream, http2::frame(http2::kPing, 0, 0, Bytes(8, 1)));
  const std::size_t before = stream.size();
  append(stream, http2::headers_in_pieces(3, encoder.block(http2::get(kListed, "/")), 9));
  const Seen seen = rig.send(talk.data(0, stream));
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_cut);
  EXPECT_EQ(decode(seen.bytes).payload_length, before);
}

TEST(Http2Streams, AListedBlockInManySegmentsOfAnyOrderIsNeverWhole) {
  Rig rig{"host:" + kListed};
  std::uint16_t port = 1;
  for (std::size_t size = 1; size < 60; size += 7) {
    for (const bool backwards : {false, true}) {
      HpackEncoder encoder;
      TcpConversation talk({"192.0.2.10", "198.51.100.20", port++, 80});
      rig.shake_hands(talk);
      Bytes stream = http2::opening();
      append(stream, http2::headers_in_pieces(1, encoder.block(http2::get(kListed, "/")), 11));
      std::vector<Sent> segments;
      for (std::size_t at = 0; at < stream.size(); at += size) {
        segments.push_back(talk.data(at, ByteView{stream}.subspan(at, std::min(size, stream.size() - at))));
      }
      if (backwards) std::reverse(segments.begin(), segments.end());
      Receiver server(talk.seq(0));
      for (const Sent& segment : segments) {
        const Seen seen = rig.send(segment);
        if (seen.forwarded()) server.take(seen.bytes);
      }
      EXPECT_LT(server.stream().size(), stream.size()) << size;
    }
  }
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::block), port - 1u);
}

TEST(Http2Streams, WithoutAFreeDecoderAreCountedAndPass) {
  PipelineOptions options = Rig::small();
  options.limits.http2_connections = 2;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t port = 1; port <= 3; ++port) {
    HpackEncoder encoder;
    TcpConversation talk({"192.0.2.10", "198.51.100.20", port, 80});
    rig.shake_hands(talk);
    Bytes stream = http2::opening();
    append(stream, http2::headers(1, encoder.block(http2::get(kOther, "/"))));
    EXPECT_EQ(rig.send(talk.data(0, stream)).fate.reason,
              port <= 2 ? FrameReason::pass_unlisted : FrameReason::pass_uninspected);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::http2_pool), 1u);
}

TEST(Http2Streams, GiveTheirDecodersBack) {
  PipelineOptions options = Rig::small();
  options.limits.http2_connections = 1;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t port = 1; port <= 20; ++port) {
    HpackEncoder encoder;
    TcpConversation talk({"192.0.2.10", "198.51.100.20", port, 80});
    rig.shake_hands(talk);
    Bytes stream = http2::opening();
    append(stream, http2::headers(1, encoder.block(http2::get(kOther, "/"))));
    const Bytes end = port % 2 == 0 ? http2::headers(3, encoder.block(http2::get(kListed, "/")))  // stopped
                                    : http2::headers(3, {0x80});                                  // broken
    EXPECT_EQ(rig.send(talk.data(0, stream)).fate.reason, FrameReason::pass_unlisted) << port;
    rig.send(talk.data(stream.size(), end));
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::http2_pool), 0u);
  EXPECT_EQ(rig.uninspected(UninspectedReason::http2_cap), 10u);
}

}  // namespace
}  // namespace parapet::packet
