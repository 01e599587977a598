// SPDX-License-Identifier: Apache-2.0
// What a host leaves of the IPv4 header to its network card.  RFC 791 §3.1
#include "app/cli/ipv4_header.h"

#include <algorithm>

#include "packet/decode/internet_checksum.h"
#include "packet/decode/link_layer.h"

namespace parapet::cli {

void finish_ipv4_header(MutableBytes frame, packet::LinkType link) noexcept {
  const auto layer = packet::read_link_layer(frame, link);
  if (layer.outcome != packet::LinkOutcome::ipv4 || layer.ip_offset > frame.size()) return;
  const MutableBytes ip = frame.subspan(layer.ip_offset);
  if (ip.size() < 20 || ip[0] >> 4 != 4) return;
  const std::size_t header = static_cast<std::size_t>(ip[0] & 0x0f) * 4;
  if (header < 20 || header > ip.size()) return;
  if (load_be16(ip.data() + 2) == 0) {
    store_be16(ip.data() + 2, static_cast<std::uint16_t>(std::min<std::size_t>(ip.size(), 0xffff)));
  }
  store_be16(ip.data() + 10, 0);
  packet::InternetSum sum;
  sum.add(ip.first(header));
  store_be16(ip.data() + 10, sum.checksum());
}

}  // namespace parapet::cli
