// SPDX-License-Identifier: Apache-2.0
// The IPv4 header checksum.  RFC 791 §3.1
#include "app/cli/ip_checksum.h"

#include "packet/decode/internet_checksum.h"
#include "packet/decode/link_layer.h"

namespace parapet::cli {

void finish_ip_checksum(MutableBytes frame, packet::LinkType link) noexcept {
  const auto layer = packet::read_link_layer(frame, link);
  if (layer.outcome != packet::LinkOutcome::ipv4 || layer.ip_offset > frame.size()) return;
  const MutableBytes ip = frame.subspan(layer.ip_offset);
  if (ip.size() < 20 || ip[0] >> 4 != 4) return;
  const std::size_t header = static_cast<std::size_t>(ip[0] & 0x0f) * 4;
  if (header < 20 || header > ip.size()) return;
  store_be16(ip.data() + 10, 0);
  packet::InternetSum sum;
  sum.add(ip.first(header));
  store_be16(ip.data() + 10, sum.checksum());
}

}  // namespace parapet::cli
