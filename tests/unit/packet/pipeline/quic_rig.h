// SPDX-License-Identifier: Apache-2.0
// A QUIC client before the pipeline: datagrams of Initials, and what became of them.
#pragma once

#include <string_view>
#include <vector>

#include "quic_builder.h"
#include "rig.h"

namespace parapet::packet {

using support::QuicInitial;
using support::QuicType;

inline constexpr std::size_t kFullDatagram = 1200;

// A handshake message without records.
inline Bytes hello_message(std::string_view name, std::size_t padding = 0) {
  return support::TlsHello().padding(padding).server_name(name).message();
}
inline ByteView part(const Bytes& of, std::size_t begin, std::size_t end) {
  return ByteView{of}.subspan(begin, end - begin);
}
inline Ends quic_ends(std::uint16_t client_port = 40000) { return {"192.0.2.10", "198.51.100.20", client_port, 443}; }

class QuicRig : public Rig {
 public:
  explicit QuicRig(const PipelineOptions& options = small())
      : Rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options) {}

  // One UDP payload from the client.
  Seen datagram(const Bytes& payload, const Ends& ends = quic_ends()) {
    return send({PacketBuilder(ends).payload(payload).udp(), Side::subscriber});
  }
  Seen datagram(const QuicInitial& initial, const Ends& ends = quic_ends()) {
    QuicInitial padded = initial;
    return datagram(padded.padded_to(kFullDatagram).seal(), ends);
  }
  FrameReason reason_of(const QuicInitial& initial, const Ends& ends = quic_ends()) {
    return datagram(initial, ends).fate.reason;
  }
  FrameReason reason_of(const Bytes& payload, const Ends& ends = quic_ends()) {
    return datagram(payload, ends).fate.reason;
  }
  std::uint64_t quic_requests(Verdict verdict) const { return requests(Protocol::quic, verdict); }
};

// The whole hello in one Initial.
inline QuicInitial initial_with(std::string_view name, std::uint64_t id) {
  QuicInitial initial(support::quic_id(id));
  initial.crypto(0, hello_message(name));
  return initial;
}
// Some bytes of a hello.
inline QuicInitial initial_with(const Bytes& hello, std::size_t begin, std::size_t end, std::uint64_t id,
                                std::uint64_t number = 0) {
  QuicInitial initial(support::quic_id(id));
  initial.number(number).crypto(begin, part(hello, begin, end));
  return initial;
}

}  // namespace parapet::packet
