// SPDX-License-Identifier: Apache-2.0
// What an HTTP/2 client sends in cleartext: preface, frames, header blocks by nghttp2's own encoder.  RFC 9113, RFC
// 7541.
#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support_bytes.h"

namespace parapet::support {

using Http2Fields = std::vector<std::pair<std::string, std::string>>;

// One client's encoder with its dynamic table.
class HpackEncoder {
 public:
  HpackEncoder() {
    if (::nghttp2_hd_deflate_new(&deflater_, 4096) != 0) throw std::runtime_error("no HPACK encoder");
  }
  ~HpackEncoder() { ::nghttp2_hd_deflate_del(deflater_); }
  HpackEncoder(const HpackEncoder&) = delete;
  HpackEncoder& operator=(const HpackEncoder&) = delete;

  void set_table(std::size_t size) { ::nghttp2_hd_deflate_change_table_size(deflater_, size); }
  Bytes block(const Http2Fields& fields) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({const_cast<std::uint8_t*>(bytes_of(name).data()),
                      const_cast<std::uint8_t*>(bytes_of(value).data()), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
    }
    Bytes out(::nghttp2_hd_deflate_bound(deflater_, list.data(), list.size()));
    const auto length = ::nghttp2_hd_deflate_hd(deflater_, out.data(), out.size(), list.data(), list.size());
    if (length < 0) throw std::runtime_error("HPACK encoding failed");
    out.resize(static_cast<std::size_t>(length));
    return out;
  }

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

namespace http2 {

inline constexpr std::uint8_t kData = 0, kHeaders = 1, kPriorityFrame = 2, kSettings = 4, kPing = 6, kWindowUpdate = 8,
                              kContinuation = 9;
inline constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4, kPadded = 8, kPriority = 0x20;

inline Bytes frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const Bytes& payload) {
  Bytes out{static_cast<std::uint8_t>(payload.size() >> 16)};
  append_be16(out, payload.size() & 0xffff);
  append(out, Bytes{type, flags});
  append_be16(out, stream >> 16);
  append_be16(out, stream & 0xffff);
  append(out, payload);
  return out;
}
inline Bytes settings() { return frame(kSettings, 0, 0, {0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0}); }
// Preface and first SETTINGS.
inline Bytes opening() {
  Bytes out = to_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  append(out, settings());
  return out;
}
inline Bytes headers(std::uint32_t stream, const Bytes& block) {
  return frame(kHeaders, kEndStream | kEndHeaders, stream, block);
}
// HEADERS with priority and `padding` bytes behind it, then CONTINUATION: at most `piece` bytes of the block in each.
inline Bytes headers_in_pieces(std::uint32_t stream, const Bytes& block, std::size_t piece, std::uint8_t padding = 3) {
  Bytes out;
  for (std::size_t at = 0; at == 0 || at < block.size(); at += piece) {
    const std::size_t end = std::min(block.size(), at + piece);
    const std::uint8_t last = end == block.size() ? kEndHeaders : std::uint8_t{0};
    const Bytes fragment(block.begin() + static_cast<std::ptrdiff_t>(at),
                         block.begin() + static_cast<std::ptrdiff_t>(end));
    if (at > 0) {
      append(out, frame(kContinuation, last, stream, fragment));
      continue;
    }
    Bytes payload{padding, 0, 0, 0, 0, 15};
    append(payload, fragment);
    payload.resize(payload.size() + padding);
    append(out, frame(kHeaders, static_cast<std::uint8_t>(kEndStream | kPadded | kPriority | last), stream, payload));
  }
  return out;
}
// A field as the plainest literal, for what no encoder would write.  RFC 7541 §6.2.2; lengths below 127.
inline Bytes literal(std::string_view name, std::string_view value) {
  Bytes out{0, static_cast<std::uint8_t>(name.size())};
  append(out, to_bytes(name));
  out.push_back(static_cast<std::uint8_t>(value.size()));
  append(out, to_bytes(value));
  return out;
}
inline Http2Fields get(std::string_view authority, std::string_view path) {
  return {{":method", "GET"},
          {":scheme", "http"},
          {":authority", std::string(authority)},
          {":path", std::string(path)},
          {"user-agent", "test"}};
}

}  // namespace http2
}  // namespace parapet::support
