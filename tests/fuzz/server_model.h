// SPDX-License-Identifier: Apache-2.0
// What a server has of one client's TCP stream: the naive receiver that fuzz_pipeline judges by.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "packet/decode/decode.h"

namespace parapet::fuzz {

// Takes each byte once, the first that comes, from segments behind a handshake whose checksum is right and which have
// ACK and neither SYN nor RST. A RST at exactly the next number ends it.  RFC 9293 §3.10.7, RFC 5961 §3.2
class ServerModel {
 public:
  static constexpr std::int32_t kWindow = 65535;

  void open(std::uint32_t first_seq) {
    *this = {};
    first_seq_ = first_seq;
    is_open_ = true;
  }
  // Its own branches are none of the fuzzer's business.
  [[clang::no_sanitize("coverage")]] void take(ByteView frame, const packet::Decoded& decoded) {
    if (!is_open_ || !packet::checksum_fits(frame, decoded)) return;
    const std::int32_t begin = static_cast<std::int32_t>(decoded.seq - first_seq_);
    if ((decoded.flags & packet::kTcpRst) != 0) {
      if (begin == static_cast<std::int32_t>(in_order_)) is_open_ = false;
      return;
    }
    if ((decoded.flags & packet::kTcpAck) == 0 || (decoded.flags & packet::kTcpSyn) != 0) return;
    const std::int64_t end =
        std::min(std::int64_t{begin} + decoded.payload_length, static_cast<std::int64_t>(in_order_) + kWindow);
    if (end > static_cast<std::int64_t>(bytes_.size())) {
      bytes_.resize(static_cast<std::size_t>(end));
      there_.resize(static_cast<std::size_t>(end));
    }
    for (std::uint32_t i = 0; i < decoded.payload_length; ++i) {
      const std::int64_t at = std::int64_t{begin} + i;
      if (at < 0 || at >= static_cast<std::int64_t>(in_order_) + kWindow) continue;
      const auto place = static_cast<std::size_t>(at);
      if (there_[place] != 0) continue;
      bytes_[place] = static_cast<char>(frame[decoded.payload_offset + i]);
      there_[place] = 1;
    }
    while (in_order_ < there_.size() && there_[in_order_] != 0) ++in_order_;
  }

  bool is_open() const noexcept { return is_open_; }
  std::size_t in_order() const noexcept { return in_order_; }
  // What its application can read.
  std::string_view stream() const noexcept { return std::string_view(bytes_).substr(0, in_order_); }

 private:
  std::uint32_t first_seq_ = 0;
  bool is_open_ = false;
  std::string bytes_;
  std::vector<std::uint8_t> there_;
  std::size_t in_order_ = 0;
};

}  // namespace parapet::fuzz
