// SPDX-License-Identifier: Apache-2.0
// UDP payloads as QUIC: headers stay inside the datagram, and what opens was sealed.
//   input  the payload

#include "packet/quic/crypto_frames.h"
#include "packet/quic/initial_opener.h"
#include "quic_builder.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using fuzz::require;

std::vector<support::Bytes> make_seeds() {
  const support::Bytes hello = support::TlsHello().server_name("x.test").message();
  std::vector<support::Bytes> seeds;
  for (const std::uint32_t version : {support::kQuicV1, support::kQuicV2, support::kQuicDraft29}) {
    support::QuicInitial initial(support::quic_id(1));
    seeds.push_back(initial.version(version).token(3).number(1, 2).ping().crypto(0, hello).ack(3).seal());
    support::append(seeds.back(),
                    support::quic_opaque_packet(support::QuicType::zero_rtt, support::quic_id(1), 30, version));
  }
  return seeds;
}
const std::vector<support::Bytes> kSeeds = make_seeds();

void walk(ByteView payload) {
  CryptoFrames frames(payload);
  std::size_t bytes = 0;
  for (CryptoFrame frame; frames.next(frame);) {
    bytes += frame.bytes.size() + 3;
    require(frame.offset < std::uint64_t{1} << 62);
  }
  require(bytes <= payload.size());
}

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const InitialKeySchedule schedule;
  static InitialOpener opener = std::move(*InitialOpener::create());
  ByteView rest{data, size};
  walk(rest);
  LongHeader header;
  while (read_long_header(rest, header) == HeaderOutcome::packet) {
    require(has_long_form(rest));
    require(header.length > 0 && header.length <= rest.size() && header.number_at <= header.length);
    if (header.type == LongPacket::initial) {
      std::uint32_t tries = 0;
      const InitialKeys keys = schedule.client_keys(header.version, header.destination);
      const auto opened = opener.open(rest.first(header.length), header, keys, {}, tries);
      require(tries <= 1);
      if (opened) walk(opened->payload);
    }
    rest = rest.subspan(header.length);
  }
  return 0;
}
