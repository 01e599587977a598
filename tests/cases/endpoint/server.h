// SPDX-License-Identifier: Apache-2.0
// The judge: a standard end behind the wire. It gets the frames that were forwarded, as they were forwarded, and says
// what its applications were asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ip_reassembly.h"
#include "request.h"
#include "tcp_receiver.h"

namespace parapet::cases {

// What is spoken. For those it does not parse, the judge knows the bytes that were made, and asks whether all came.
enum class Language : std::uint8_t { http, tls, dns, dns_tcp, remembered_stream, remembered_datagrams };

struct ServerAnswer {
  std::uint16_t client_port;
  TcpReply reply;
};

class Server {
 public:
  struct Manners {
    TcpManners tcp;
    unsigned hops = 1;  // from the edge; a packet with fewer left does not arrive
  };
  Server(std::string address, Manners manners);

  // One frame of the client's. What the server's TCP answers.
  std::vector<ServerAnswer> take(ByteView frame, Nanoseconds now);

  // Everything its applications were asked for, in any reading that some server has.
  std::vector<Request> requests(Language language) const;
  // Whether a connection brought these bytes first; whether each of these datagrams came.
  bool has_stream_of(ByteView bytes) const;
  bool has_datagrams(const std::vector<Bytes>& datagrams) const;

  const TcpReceiver* connection(std::uint16_t client_port) const;
  std::uint32_t send(std::uint16_t client_port, std::uint32_t count);  // the server's application speaks

 private:
  std::vector<ServerAnswer> take_packet(const IpReading& packet, Nanoseconds now);
  void take_datagram(const IpReading& packet);

  Bytes address_;
  Manners manners_;
  IpReassembly reassembly_;
  std::map<std::uint16_t, TcpReceiver> connections_;  // by the client's port
  std::vector<Bytes> datagrams_;
};

}  // namespace parapet::cases
