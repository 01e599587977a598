// SPDX-License-Identifier: Apache-2.0
// A client that knows all keys, before the whole packet path: what it seals, cuts, repeats and mixes never brings the
// listed hello whole to its server, whichever of its datagrams reach that.
//   input  orders, one after the other:
//     kind 1  low 3 bits: which id · bit 3: another hello · bit 4: broken tag · bit 5: version 2 · bit 6: the datagram
//             dies on the way · bit 7: put in front of the next datagram instead of sent by itself
//     offset 2, length 2 of the CRYPTO bytes · packet number 1
#include <array>
#include <optional>

#include "packet/pipeline/pipeline.h"
#include "packet/quic/crypto_frames.h"
#include "packet/quic/initial_opener.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "renewed_pipeline.h"
#include "require.h"
#include "seeds.h"
#include "small_pools.h"
#include "tiny_list.h"

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;

namespace {

constexpr std::size_t kOrder = 6, kMaxOrders = 20, kIds = 8;
constexpr Nanoseconds kNow = 1000 * kNanosecondsPerSecond;

using fuzz::require;

// Alike up to the name.
const Bytes kListed = support::TlsHello().padding(200).server_name("listed.example.test").message();
const Bytes kOther = support::TlsHello().padding(200).server_name("benign.example.test").message();

const std::vector<Bytes> kSeeds{
    {0, 0, 0, 1, 44, 0, 0, 0, 100, 2, 0, 1},                  // two parts that overlap
    {8, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0, 0, 0, 90, 0},  // another hello first
    {0, 0, 90, 0, 200, 0, 0x48, 0, 0, 0, 120, 1, 0, 0, 0, 1, 0, 2},
};

PipelineOptions pools() {
  PipelineOptions options = fuzz::small_pools();
  options.limits.quic_connections = 32;
  options.limits.quic_hello_bytes = 1024;
  options.limits.quic_initials_per_s = 10'000'000;
  return options;
}

// The orders' ids are told by their first byte, and have these versions alone.
constexpr std::uint32_t kVersions[] = {support::kQuicV1, support::kQuicV2};

const support::QuicClientKeys& sealing_keys(std::size_t version, std::size_t id) {
  static const auto kKeys = [] {
    std::array<std::array<support::QuicClientKeys, kIds>, std::size(kVersions)> keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      for (std::size_t k = 0; k < kIds; ++k) keys[i][k] = support::quic_client_keys(kVersions[i], support::quic_id(k));
    }
    return keys;
  }();
  return kKeys[version][id];
}

// Calls `take` with each id and CRYPTO frame that a server can read in the datagram.
template <typename Take>
void open_datagram(ByteView datagram, Take take) {
  static const InitialKeySchedule schedule;
  static InitialOpener opener = std::move(*InitialOpener::create());
  static std::array<std::array<std::optional<InitialKeys>, kIds>, kQuicVersions> known;
  LongHeader header;
  while (read_long_header(datagram, header) == HeaderOutcome::packet) {
    const std::size_t id = header.destination.bytes[0];
    std::optional<InitialKeys>& keys = known[static_cast<std::size_t>(header.version)].at(id);
    if (!keys) keys = schedule.client_keys(header.version, header.destination);
    std::uint32_t tries = 0;
    const auto opened = opener.open(datagram.first(header.length), header, *keys, {}, tries);
    if (opened) {
      CryptoFrames frames(opened->payload);
      for (CryptoFrame frame; frames.next(frame);) take(id, frame);
    }
    datagram = datagram.subspan(header.length);
  }
}

// All CRYPTO bytes that came under one id: the first that came win, as the last do for another kind of server.
class Server {
 public:
  [[clang::no_sanitize("coverage")]] void keep(std::size_t id, const CryptoFrame& frame) {
    for (std::size_t i = 0; i < frame.bytes.size(); ++i) {
      const auto byte = static_cast<std::uint16_t>(kThere + frame.bytes[i]);
      std::uint16_t& first = first_[id].at(frame.offset + i);
      if (first == 0) first = byte;
      last_[id].at(frame.offset + i) = byte;
    }
  }
  bool has_listed() const {
    for (std::size_t id = 0; id < kIds; ++id) {
      if (is_whole(first_[id]) || is_whole(last_[id])) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kLongest = 512;
  static constexpr std::uint16_t kThere = 256;  // plus the byte
  using Stream = std::array<std::uint16_t, kLongest>;

  [[clang::no_sanitize("coverage")]] static bool is_whole(const Stream& stream) {
    for (std::size_t i = 0; i < kListed.size(); ++i) {
      if (stream.at(i) != kThere + kListed[i]) return false;
    }
    return true;
  }

  std::array<Stream, kIds> first_{}, last_{};
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned random) {
  return fuzz::mutate_from_seeds(data, size, std::min<std::size_t>(max_size, kMaxOrders * kOrder), random, kSeeds);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const support::TinyList list{"host:listed.example.test"};
  static fuzz::RenewedPipeline renewed(pools(), support::kTestKey);
  Pipeline& pipeline = renewed.renew();
  Server everything, some;
  Bytes datagram;
  InjectionQueue injections;
  for (std::size_t at = 0; at + kOrder <= std::min(size, kMaxOrders * kOrder); at += kOrder) {
    const std::uint8_t* order = data + at;
    const Bytes& hello = (order[0] & 8) != 0 ? kOther : kListed;
    const std::size_t begin = load_be16(order + 1) % hello.size();
    const std::size_t length = std::min<std::size_t>(load_be16(order + 3), hello.size() - begin);
    const std::size_t id = order[0] % kIds, version = (order[0] & 32) != 0 ? 1 : 0;
    support::QuicInitial initial(support::quic_id(id));
    initial.number(order[5]).crypto(begin, ByteView{hello}.subspan(begin, length));
    if ((order[0] & 16) != 0) initial.bad_tag();
    initial.version(kVersions[version]);
    support::append(datagram, initial.seal(sealing_keys(version, id)));
    if ((order[0] & 128) != 0 && datagram.size() < 20'000) continue;
    Bytes bytes = support::PacketBuilder({"192.0.2.1", "198.51.100.20", 4000, 443}).payload(datagram).udp();
    Frame frame{bytes.data(), static_cast<std::uint32_t>(bytes.size()), Side::subscriber, {}, LinkType::ethernet};
    Fate fate;
    pipeline.process({&frame, 1}, {&fate, 1}, &list.snapshot(), kNow, injections);
    if (forwards(fate.reason)) {
      open_datagram(datagram, [&](std::size_t from, const CryptoFrame& part) {
        everything.keep(from, part);
        if ((order[0] & 64) == 0) some.keep(from, part);
      });
    }
    datagram.clear();
  }
  require(!everything.has_listed() && !some.has_listed());
  return 0;
}
