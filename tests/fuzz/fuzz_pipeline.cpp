// SPDX-License-Identifier: Apache-2.0
// The whole packet path, both sides: the input is a little program of clients who send what they like, servers that are
// honest, and frames of any content. Whatever it does:
//   - a server whose stream begins with a listed request never has the whole of it, unless something was counted as
//     uninspected
//   - under a list that holds none of the names nothing is blocked, and no frame is sent that nobody asked for
//   - a frame that goes on is bit for bit what came, unless a rewritten_* counter says otherwise
//   - nothing is injected before a server has shaken hands
//   input  each step: an operation byte (low three bits: which; next two: whose conversation) and its operands
#include <array>

#include "input.h"
#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "renewed_pipeline.h"
#include "requests.h"
#include "require.h"
#include "seeded_mutator.h"
#include "server_model.h"
#include "small_pools.h"
#include "tiny_list.h"

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;
using support::Ends;
using support::PacketBuilder;

namespace {

constexpr std::size_t kConversations = 4;
constexpr std::size_t kMaxSteps = 32;
constexpr std::uint16_t kFirstPort = 40000;

using fuzz::require;

// Two lists of one size: what the first holds is asked for, nothing asks for the second's.
const support::TinyList& listed_names() {
  static const support::TinyList list{"domain:listed.example.test"};
  return list;
}
const support::TinyList& other_names() {
  static const support::TinyList list{"domain:q7x1z9.example.invalid"};
  return list;
}

Ends ends_of(std::size_t which) {
  Ends ends = which % 2 == 0 ? Ends{} : Ends::v6();
  ends.client_port = static_cast<std::uint16_t>(kFirstPort + which);
  ends.server_port = which < 2 ? 80 : 443;
  return ends;
}

// What the clients of a conversation may ask for: HTTP in the first two, TLS in the others.
const Bytes& request_of(std::size_t which) {
  static const Bytes kHttp = support::to_bytes(support::get("listed.example.test", "/a"));
  static const Bytes kTls = support::client_hello("listed.example.test", 8, 60);
  return which < 2 ? kHttp : kTls;
}

constexpr auto kIsRewriting = [] {
  std::array<bool, kCountOf<ActionKind>> is{};
  for (std::size_t i = 0; i < is.size(); ++i) is[i] = kActionNames[i].starts_with("rewritten_");
  return is;
}();

[[clang::no_sanitize("coverage")]] std::uint64_t sum_of(const std::uint64_t (&counters)[counters::kReasonSlots]) {
  std::uint64_t sum = 0;
  for (const std::uint64_t counter : counters) sum += counter;
  return sum;
}

class Play {
 public:
  Play(fuzz::RenewedPipeline& renewed, const support::TinyList& list, bool may_block)
      : pipeline_(renewed.renew()), block_(renewed.block()), list_(list), may_block_(may_block) {}

  void run(fuzz::Input input) {
    for (std::size_t step = 0; step < kMaxSteps && !input.empty(); ++step) take_step(input);
  }

 private:
  struct Conversation {
    std::uint32_t client_isn = 1000;
    std::uint32_t server_isn = 5000;
    fuzz::ServerModel server;
  };

  void take_step(fuzz::Input& input) {
    const std::uint8_t operation = input.u8();
    const std::size_t which = operation >> 3 & 3;
    Conversation& talk = conversations_[which];
    switch (operation & 7) {
      case 0: shake_hands(which, talk); break;
      case 1: {  // a piece of the request
        const std::size_t from = input.u8(), length = input.u8();
        const Bytes& request = request_of(which);
        const ByteView rest = ByteView{request}.subspan(std::min(from, request.size()));
        send_data(which, talk, static_cast<std::uint32_t>(from), rest.first(std::min(length, rest.size())), operation);
        break;
      }
      case 2: {  // bytes of any content anywhere
        const std::uint16_t at = input.u16();
        const std::size_t length = input.u8();
        send_data(which, talk, near(at), input.bytes(length), operation);
        break;
      }
      case 3: {  // the server acknowledges some or all of what it has
        const std::size_t count = std::min<std::size_t>(input.u8() * std::size_t{16}, talk.server.in_order());
        if (!talk.server.is_open()) break;
        from_server(PacketBuilder(ends_of(which))
                        .from_server()
                        .tcp(talk.server_isn + 1, talk.client_isn + 1 + static_cast<std::uint32_t>(count), kTcpAck));
        break;
      }
      case 4: {  // flags of any kind, without payload
        const std::uint16_t at = input.u16();
        const std::uint8_t flags = input.u8();
        send_control(which, talk, at, flags);
        break;
      }
      case 5: send_datagram(which, input); break;
      case 6: now_ += input.u8() * kNanosecondsPerSecond; break;
      default: {  // a frame of any content
        const Side side = (operation & 0x20) != 0 ? Side::transit : Side::subscriber;
        const ByteView bytes = input.bytes(input.u8());
        if (bytes.size() >= 14) process(Bytes(bytes.begin(), bytes.end()), side);
        break;
      }
    }
  }

  // Mostly within two thousand bytes of the stream's first, now and then far from it.
  static std::uint32_t near(std::uint16_t at) noexcept {
    const auto offset = static_cast<std::uint32_t>(static_cast<std::int16_t>(at) / 16);
    return (at & 15) == 15 ? offset * 4096 : offset;
  }

  // A connection opens; the one before is over for its server.
  void shake_hands(std::size_t which, Conversation& talk) {
    talk.client_isn += 1'000'000;
    talk.server_isn += 3'000'000;
    const PacketBuilder client(ends_of(which));
    from_client(which, client.tcp(talk.client_isn, 0, kTcpSyn));
    shaken_ = true;
    from_server(
        PacketBuilder(ends_of(which)).from_server().tcp(talk.server_isn, talk.client_isn + 1, kTcpSyn | kTcpAck));
    talk.server.open(talk.client_isn + 1);
    from_client(which, client.tcp(talk.client_isn + 1, talk.server_isn + 1, kTcpAck));
  }

  void send_data(std::size_t which, const Conversation& talk, std::uint32_t offset, ByteView payload,
                 std::uint8_t operation) {
    PacketBuilder builder(ends_of(which));
    builder.payload(payload);
    if ((operation & 0x80) != 0) builder.bad_checksum();
    const std::uint8_t flags = (operation & 0x40) != 0 ? kTcpFin | kTcpAck : kTcpPsh | kTcpAck;
    from_client(which, builder.tcp(talk.client_isn + 1 + offset, talk.server_isn + 1, flags));
  }

  void send_control(std::size_t which, const Conversation& talk, std::uint16_t at, std::uint8_t flags) {
    from_client(which,
                PacketBuilder(ends_of(which)).tcp(talk.client_isn + 1 + near(at), talk.server_isn + 1, flags & 0x3f));
  }

  void send_datagram(std::size_t which, fuzz::Input& input) {
    Ends ends = ends_of(which);
    const std::uint8_t shape = input.u8();
    ends.server_port = (shape & 1) != 0 ? 53 : 443;
    const ByteView any = input.bytes(shape >> 2);
    const bool whole = (shape & 2) != 0;
    static const Bytes query = support::dns_query({"www.listed.example.test"});
    const ByteView payload = whole ? ByteView{query} : any;
    const Fate fate = process(PacketBuilder(ends).payload(payload).udp(), Side::subscriber);
    if (whole && ends.server_port == 53) require(forwards(fate.reason) != may_block_);
  }

  void from_client(std::size_t which, Bytes bytes) {
    Conversation& talk = conversations_[which];
    Bytes forwarded;
    if (!forwards(process(std::move(bytes), Side::subscriber, &forwarded).reason)) return;
    const Decoded decoded = decode_packet(forwarded, LinkType::ethernet);
    require(decoded.outcome == DecodeOutcome::tcp);
    talk.server.take(forwarded, decoded);
    const bool has_all = talk.server.stream().starts_with(text_of(request_of(which)));
    require(!has_all || !may_block_ || sum_of(block_.uninspected) > 0);
  }
  void from_server(Bytes bytes) { process(std::move(bytes), Side::transit); }

  std::uint64_t rewritten() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kCountOf<ActionKind>; ++i) sum += kIsRewriting[i] ? block_.actions[i] : 0;
    return sum;
  }

  Fate process(Bytes bytes, Side side, Bytes* forwarded = nullptr) {
    before_ = bytes;
    const std::uint64_t rewritten_before = rewritten();
    Frame frame{bytes.data(), static_cast<std::uint32_t>(bytes.size()), side, Realm{0}, LinkType::ethernet};
    Fate fate{};
    injections_.clear();
    pipeline_.process({&frame, 1}, {&fate, 1}, &list_.snapshot(), now_, injections_);
    now_ += 1'000'000;
    ++frames_;
    require(index_of(fate.reason) < kCountOf<FrameReason> && sum_of(block_.reasons) == frames_);
    require(frame.length <= before_.size());
    bytes.resize(frame.length);
    if (forwards(fate.reason)) require(bytes == before_ || rewritten() > rewritten_before);
    require(injections_.all().empty() || (shaken_ && may_block_));
    for (const Injection& injection : injections_.all()) deliver(injection);
    if (!may_block_) {
      require(fate.reason != FrameReason::drop_listed && fate.reason != FrameReason::drop_blocked_stream);
    }
    if (forwarded != nullptr) *forwarded = std::move(bytes);
    return fate;
  }

  // A reset ends the server's side, as it would.
  void deliver(const Injection& injection) {
    require(injection.length <= kMaxInjectedLength);
    const ByteView bytes = ByteView{injection.bytes}.first(injection.length);
    const Decoded decoded = decode_packet(bytes, LinkType::ethernet);
    require(decoded.outcome == DecodeOutcome::tcp && (decoded.flags & kTcpRst) != 0);
    const std::size_t which = decoded.flow.source_port - std::size_t{kFirstPort};
    if (injection.out == Side::transit && which < kConversations) conversations_[which].server.take(bytes, decoded);
  }

  Pipeline& pipeline_;
  const counters::WorkerBlock& block_;
  const support::TinyList& list_;
  bool may_block_;
  InjectionQueue injections_;
  Bytes before_;  // the frame that is processed, as it came
  std::array<Conversation, kConversations> conversations_;
  Nanoseconds now_ = 1000 * kNanosecondsPerSecond;
  std::uint64_t frames_ = 0;
  bool shaken_ = false;
};

constexpr std::uint8_t operation(std::uint8_t kind, std::uint8_t which) {
  return static_cast<std::uint8_t>(kind | which << 3);
}
const Bytes kSeeds[] = {
    // handshake, the request in two pieces, an acknowledgement between
    {operation(0, 0), operation(1, 0), 0, 20, operation(3, 0), 255, operation(1, 0), 20, 255},
    // in the wrong order, then again
    {operation(0, 2), operation(1, 2), 60, 255, operation(1, 2), 0, 60, operation(1, 2), 0, 255},
    // a decoy before, a reset, a query
    {operation(0, 1), operation(2, 1), 0, 0, 4, 'G', 'E', 'T', ' ', operation(4, 1), 0, 9, 0x14, operation(1, 1), 0,
     255, 0x05, 0x03},
    // one with FIN, one with a wrong checksum, without a handshake
    {operation(1, 3) | 0x40, 0, 255, operation(1, 3) | 0x80, 0, 255, operation(1, 3), 0, 255},
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::RenewedPipeline renewed(fuzz::small_pools(), support::kTestKey);
  Play(renewed, listed_names(), true).run({data, size});
  Play(renewed, other_names(), false).run({data, size});
  return 0;
}
