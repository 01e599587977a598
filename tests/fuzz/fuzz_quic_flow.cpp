// SPDX-License-Identifier: Apache-2.0
// A client that knows all keys, before the whole packet path: what it seals, cuts, repeats and mixes never brings the
// listed hello whole to its server, whichever of its datagrams reach that.
//   input  orders, one after the other:
//     kind 1  low 3 bits: which id · bit 3: another hello · bit 4: broken tag · bit 5: version 2 · bit 6: the datagram
//             dies on the way · bit 7: put in front of the next datagram instead of sent by itself
//     offset 2, length 2 of the CRYPTO bytes · packet number 1
#include <array>
#include <map>
#include <memory>

#include "packet/pipeline/pipeline.h"
#include "packet/quic/crypto_frames.h"
#include "packet/quic/initial_opener.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "require.h"
#include "seeds.h"
#include "tiny_list.h"

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;

namespace {

constexpr std::size_t kOrder = 6, kIds = 8;

using fuzz::require;

// Alike up to the name.
const Bytes kListed = support::TlsHello().padding(200).server_name("listed.example.test").message();
const Bytes kOther = support::TlsHello().padding(200).server_name("benign.example.test").message();

const std::vector<Bytes> kSeeds{
    {0, 0, 0, 1, 44, 0, 0, 0, 100, 2, 0, 1},                  // two parts that overlap
    {8, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0, 0, 0, 90, 0},  // another hello first
    {0, 0, 90, 0, 200, 0, 0x48, 0, 0, 0, 120, 1, 0, 0, 0, 1, 0, 2},
};

// All CRYPTO bytes that came under one id: the first that came win, as the last do for another kind of server.
class Server {
 public:
  void take(ByteView datagram) {
    static const InitialKeySchedule schedule;
    static InitialOpener opener = std::move(*InitialOpener::create());
    LongHeader header;
    while (read_long_header(datagram, header) == HeaderOutcome::packet) {
      std::uint32_t tries = 0;
      const InitialKeys keys = schedule.client_keys(header.version, header.destination);
      const auto opened = opener.open(datagram.first(header.length), header, keys, {}, tries);
      if (opened) {
        CryptoFrames frames(opened->payload);
        for (CryptoFrame frame; frames.next(frame);) keep(header.destination.bytes[0], frame);
      }
      datagram = datagram.subspan(header.length);
    }
  }
  bool has_listed() const {
    for (std::size_t id = 0; id < kIds; ++id) {
      if (is_whole(first_[id]) || is_whole(last_[id])) return true;
    }
    return false;
  }

 private:
  using Stream = std::map<std::uint64_t, std::uint8_t>;

  void keep(std::size_t id, const CryptoFrame& frame) {
    for (std::size_t i = 0; i < frame.bytes.size(); ++i) {
      first_[id % kIds].try_emplace(frame.offset + i, frame.bytes[i]);
      last_[id % kIds].insert_or_assign(frame.offset + i, frame.bytes[i]);
    }
  }
  static bool is_whole(const Stream& stream) {
    for (std::size_t i = 0; i < kListed.size(); ++i) {
      const auto found = stream.find(i);
      if (found == stream.end() || found->second != kListed[i]) return false;
    }
    return true;
  }

  std::array<Stream, kIds> first_, last_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned random) {
  return fuzz::mutate_from_seeds(data, size, std::min<std::size_t>(max_size, 40 * kOrder), random, kSeeds);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const support::TinyList list{"host:listed.example.test"};
  static counters::WorkerBlock block{};
  static const std::unique_ptr<Pipeline> pipeline = [] {
    PipelineOptions options;
    options.handshake_slots = 64;
    options.records = options.messages = options.kept_blocks = 16;
    options.limits.quic_connections = 32;
    options.limits.quic_initials_per_s = 10'000'000;
    return std::move(*Pipeline::create(options, {1, 2}, support::kTestKey, block));
  }();
  static std::uint64_t inputs = 0;
  ++inputs;
  // The last input's connections are old by now.
  const Nanoseconds now = inputs * 200 * kNanosecondsPerSecond;
  Server everything, some;
  Bytes datagram;
  InjectionQueue injections;
  for (std::size_t at = 0; at + kOrder <= size; at += kOrder) {
    const std::uint8_t* order = data + at;
    const Bytes& hello = (order[0] & 8) != 0 ? kOther : kListed;
    const std::size_t begin = load_be16(order + 1) % hello.size();
    const std::size_t length = std::min<std::size_t>(load_be16(order + 3), hello.size() - begin);
    support::QuicInitial initial(support::quic_id(order[0] % kIds));
    initial.number(order[5]).crypto(begin, ByteView{hello}.subspan(begin, length));
    if ((order[0] & 16) != 0) initial.bad_tag();
    if ((order[0] & 32) != 0) initial.version(support::kQuicV2);
    support::append(datagram, initial.seal());
    if ((order[0] & 128) != 0 && datagram.size() < 20'000) continue;
    Bytes bytes = support::PacketBuilder({"192.0.2.1", "198.51.100.20", 4000, 443}).payload(datagram).udp();
    Frame frame{bytes.data(), static_cast<std::uint32_t>(bytes.size()), Side::subscriber, {}, LinkType::ethernet};
    Fate fate;
    pipeline->process({&frame, 1}, {&fate, 1}, &list.snapshot(), now, injections);
    if (forwards(fate.reason)) {
      everything.take(datagram);
      if ((order[0] & 64) == 0) some.take(datagram);
    }
    datagram.clear();
  }
  require(!everything.has_listed() && !some.has_listed());
  return 0;
}
