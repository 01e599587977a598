// SPDX-License-Identifier: Apache-2.0
// A receiver of fragments for tests.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "packet/decode/decode.h"
#include "support_bytes.h"

namespace parapet::support {

// The receiver that is easiest to evade to: keeps every fragment for as long as it takes, and of those that overlap
// reads the datagram in every way there is. Once one is whole, its fragments are gone.
class EagerEnd {
 public:
  // A frame that was forwarded.
  void take(const Bytes& frame) {
    const packet::Decoded decoded = packet::decode_packet(frame, packet::LinkType::ethernet);
    if (decoded.outcome != packet::DecodeOutcome::fragment) return;
    std::vector<Part>& parts = parts_[decoded.fragment.identification];
    const auto data = frame.begin() + decoded.payload_offset;
    parts.push_back({decoded.fragment.offset, decoded.fragment.more, Bytes(data, data + decoded.payload_length)});
    const std::size_t before = datagrams_.size();
    put_together(parts, {});
    if (datagrams_.size() > before) parts.clear();
  }
  bool has_read(const Bytes& payload) const { return std::ranges::find(datagrams_, payload) != datagrams_.end(); }

 private:
  struct Part {
    std::size_t offset;
    bool more;
    Bytes bytes;
  };
  void put_together(const std::vector<Part>& parts, const Bytes& begun) {
    for (const Part& part : parts) {
      if (part.offset > begun.size() || part.offset + part.bytes.size() <= begun.size()) continue;
      Bytes longer = begun;
      append(longer, ByteView{part.bytes}.subspan(begun.size() - part.offset));
      if (part.more) {
        put_together(parts, longer);
      } else {
        datagrams_.push_back(std::move(longer));
      }
    }
  }
  std::map<std::uint32_t, std::vector<Part>> parts_;
  std::vector<Bytes> datagrams_;
};

}  // namespace parapet::support
