// SPDX-License-Identifier: Apache-2.0
// The client of one case: does what the steps say, with the bytes of its message.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "script.h"
#include "template.h"
#include "wire.h"

namespace parapet::cases {

class Player {
 public:
  // `other` has the same shape and says another name: what decoys are made of.
  struct Says {
    const MarkedBytes& message;
    const MarkedBytes& other;
    bool datagrams;
  };
  Player(Wire& wire, const Says& says, std::uint32_t client_isn);

  // Throws std::invalid_argument where a step makes no sense.
  void play(const std::vector<Step>& steps);
  // What clients do in the end: send the datagrams behind the one that was held; over TCP send again what the server
  // has not acknowledged, as long as that helps.
  void send_rest();

 private:
  void play(const Step& step);
  void play_client(const Step& step);
  void play_fragment(const Step& step);
  void send_syn(const Step& step);
  void send_control(const Step& step, std::uint8_t flags);

  // A segment at an offset of the stream (0: the first byte behind the SYN).
  support::TcpSegment segment(const Step& step, std::size_t offset, std::uint8_t flags);
  support::IpPacket tcp_packet(const Step& step, const support::TcpSegment& segment);
  support::IpPacket data_packet(const Step& step, const MarkedBytes& from, std::size_t begin, std::size_t end);
  support::IpPacket datagram_packet(const Step& step, const Bytes& payload);
  void send_datagrams(const Step& step, const MarkedBytes& from);
  void hold(const Step& step, std::size_t begin, std::size_t end);
  support::IpPacket packet(const Step& step, std::uint8_t protocol);
  void send(const Step& step, const support::IpPacket& packet);
  MarkedBytes bytes_of(const Step& step) const;

  Wire& wire_;
  Says says_;
  std::uint32_t client_isn_;
  std::uint16_t client_port_;
  bool timestamps_ = false;
  std::uint32_t clock_ = 1'000'000;  // of the timestamps
  std::uint32_t identification_;
  support::IpPacket held_, held_other_;
  std::vector<support::IpPacket> behind_held_;
  MarkedBytes held_places_;  // the payload of held_, so that markers lead into it
};

}  // namespace parapet::cases
