// SPDX-License-Identifier: Apache-2.0
// Whatever the cuts, the order and the copies: the verdict is the one of the bytes in order, and a server never has the
// whole of a listed request.
#include <algorithm>
#include <random>

#include "rig.h"
#include "rounds.h"

namespace parapet::packet {
namespace {

// Room for all streams of the last five minutes: nothing may have to give way here.
PipelineOptions roomy() {
  PipelineOptions options = Rig::small();
  options.kept_blocks = 4096;
  options.messages = 512;
  return options;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <typename T>
  void shuffle(T begin, T end) {
    std::shuffle(begin, end, engine_);
  }

 private:
  std::mt19937_64 engine_;
};

struct Script {
  std::string stream;         // all that the client has to say
  std::size_t listed_at = 0;  // where the first listed request begins; npos: there is none
  std::size_t listed_end = 0;
  static constexpr std::size_t npos = ~std::size_t{0};
};

Script http_script(Dice& dice) {
  Script script;
  script.listed_at = Script::npos;
  const std::size_t messages = 1 + dice.below(4);
  for (std::size_t i = 0; i < messages; ++i) {
    const bool listed = dice.chance(4);
    const std::string& host = listed ? kListed : kOther;
    std::string message;
    switch (dice.below(4)) {
      case 0: message = support::post(host, std::string(dice.below(400), 'p')); break;
      case 1: {
        const std::string body(dice.below(300), 'c');
        message = support::post_chunked(host, body, 1 + dice.below(90));
        break;
      }
      default: message = support::get(host, dice.chance(2) ? "/" : "/a/long/path?with=query");
    }
    const std::size_t head = message.find("\r\n\r\n") + 4;
    if (listed && script.listed_at == Script::npos) {
      script.listed_at = script.stream.size();
      script.listed_end = script.stream.size() + head;
    }
    script.stream += message;
  }
  return script;
}

Script tls_script(Dice& dice) {
  Script script;
  const bool listed = dice.chance(2);
  const std::size_t padding = dice.chance(3) ? 1 + dice.below(3000) : 0;
  const std::size_t record_size = dice.chance(2) ? 16384 : 3 + dice.below(200);
  const Bytes hello = support::client_hello(listed ? kListed : kOther, padding, record_size);
  script.stream = support::to_text(hello);
  script.listed_at = listed ? 0 : Script::npos;
  script.listed_end = script.stream.size();
  script.stream += support::to_text(support::application_data(dice.below(300)));
  return script;
}

// Cuts the stream, doubles and shuffles the pieces; in the end each is sent once more in order, as TCP would what was
// not acknowledged.
std::vector<Sent> schedule(const TcpConversation& talk, const std::string& stream, Dice& dice) {
  struct Piece {
    std::size_t at, length;
  };
  std::vector<Piece> pieces;
  const std::size_t longest = dice.chance(3) ? 5 : dice.chance(2) ? 60 : 1460;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t length = std::min(stream.size() - at, 1 + dice.below(longest));
    pieces.push_back({at, length});
    at += length;
  }
  std::vector<Piece> order = pieces;
  for (std::size_t i = dice.below(4); i > 0; --i) {  // overlapping copies
    const std::size_t at = dice.below(stream.size());
    order.push_back({at, std::min(stream.size() - at, 1 + dice.below(200))});
  }
  switch (dice.below(3)) {
    case 0: break;
    case 1: dice.shuffle(order.begin(), order.end()); break;
    default: std::reverse(order.begin(), order.end());
  }
  order.insert(order.end(), pieces.begin(), pieces.end());
  std::vector<Sent> all;
  for (const Piece& piece : order) {
    all.push_back(talk.data(piece.at, std::string_view(stream).substr(piece.at, piece.length)));
  }
  return all;
}

TEST(Property, CutsOrderAndCopiesNeverChangeTheVerdict) {
  constexpr std::size_t kCases = support::rounds(24000);
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, roomy());
  std::size_t stopped = 0, untouched = 0;
  for (std::size_t seed = 0; seed < kCases; ++seed) {
    Dice dice(seed);
    Ends ends;
    ends.client_port = static_cast<std::uint16_t>(1 + seed % 60000);
    const TcpConversation talk(ends, static_cast<std::uint32_t>(seed * 2654435761U),
                               static_cast<std::uint32_t>(~seed * 2246822519U));
    const Script script = dice.chance(2) ? http_script(dice) : tls_script(dice);
    for (const Sent& sent : talk.handshake()) rig.send(sent);
    Receiver server(talk.seq(0));
    bool all_bytes_as_sent = true;
    const std::vector<Sent> frames = schedule(talk, script.stream, dice);
    std::size_t acknowledged = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Seen seen = rig.send(frames[i]);
      if (seen.forwarded()) server.take(seen.bytes);
      all_bytes_as_sent &= seen.forwarded() && seen.bytes == frames[i].bytes;
      if (i % 8 == 7 && dice.chance(3)) {
        acknowledged = server.stream().size();
        rig.send(talk.server_ack(acknowledged));
      }
    }
    const std::string got = server.stream();
    if (script.listed_at == Script::npos) {
      ASSERT_TRUE(all_bytes_as_sent) << "seed " << seed;
      ASSERT_EQ(got, script.stream) << "seed " << seed;
      ++untouched;
    } else {
      ASSERT_LT(got.size(), script.listed_end) << "seed " << seed;
      ASSERT_EQ(got, script.stream.substr(0, got.size())) << "seed " << seed;
      ++stopped;
    }
    rig.wait(2 * kNanosecondsPerSecond);
  }
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    EXPECT_EQ(rig.uninspected(static_cast<UninspectedReason>(i)), 0u) << kUninspectedNames[i];
  }
  EXPECT_GT(stopped, kCases / 4);
  EXPECT_GT(untouched, kCases / 4);
}

// Lies: copies with other bytes at any place, some before the true ones.
TEST(Property, ConflictingCopiesNeverBringAListedRequestThrough) {
  constexpr std::size_t kCases = 4000;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, roomy());
  for (std::size_t seed = 0; seed < kCases; ++seed) {
    Dice dice(seed + 1'000'000);
    Ends ends;
    ends.client_port = static_cast<std::uint16_t>(1 + seed);
    const TcpConversation talk(ends, static_cast<std::uint32_t>(seed * 2654435761U), 77);
    const std::string stream =
        dice.chance(2) ? support::get(kListed) : support::to_text(support::client_hello(kListed));
    for (const Sent& sent : talk.handshake()) rig.send(sent);
    std::vector<Sent> frames = schedule(talk, stream, dice);
    std::vector<bool> true_bytes(frames.size(), true);
    for (std::size_t lies = 1 + dice.below(4); lies > 0; --lies) {
      const std::size_t at = dice.below(stream.size());
      std::string lie = stream.substr(at, 1 + dice.below(60));
      for (char& c : lie) {
        if (dice.chance(3)) c = static_cast<char>(c ^ (1 + dice.below(5)));
      }
      const std::size_t place = dice.below(frames.size() + 1);
      frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(place), talk.data(at, lie));
      true_bytes.insert(true_bytes.begin() + static_cast<std::ptrdiff_t>(place), false);
    }
    // Two servers: one takes everything, one never takes a lie (its TTL was too low).
    Receiver credulous(talk.seq(0)), far(talk.seq(0));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Seen seen = rig.send(frames[i]);
      if (!seen.forwarded()) continue;
      credulous.take(seen.bytes);
      if (true_bytes[i]) far.take(seen.bytes);
    }
    ASSERT_NE(credulous.stream(), stream) << "seed " << seed;
    ASSERT_NE(far.stream(), stream) << "seed " << seed;
    rig.wait(2 * kNanosecondsPerSecond);
  }
}

}  // namespace
}  // namespace parapet::packet
