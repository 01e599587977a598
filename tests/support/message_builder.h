// SPDX-License-Identifier: Apache-2.0
// Client messages for tests: TLS hellos cut into any records, HTTP heads, DNS queries.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support_bytes.h"

namespace parapet::support {

inline void append_u8(Bytes& to, std::size_t value) { to.push_back(static_cast<std::uint8_t>(value)); }
inline void append_be24(Bytes& to, std::size_t value) {
  append_u8(to, value >> 16);
  append_be16(to, value);
}

// One TLS record of any type.
inline Bytes tls_record(std::uint8_t type, const Bytes& body, std::uint16_t version = 0x0301) {
  Bytes record{type};
  append_be16(record, version);
  append_be16(record, body.size());
  append(record, body);
  return record;
}
inline constexpr std::uint8_t kTlsChangeCipherSpec = 20, kTlsAlert = 21, kTlsHandshake = 22, kTlsApplicationData = 23;

// A ClientHello; extensions stand in the order of the calls.
//   TlsHello().server_name("listed.example.test").records(5)
class TlsHello {
 public:
  TlsHello& extension(std::uint16_t type, const Bytes& body) {
    append_be16(extensions_, type);
    append_be16(extensions_, body.size());
    append(extensions_, body);
    return *this;
  }
  // One server_name extension with entries of any type (0 is host_name).
  TlsHello& server_names(const std::vector<std::pair<std::uint8_t, std::string>>& entries) {
    Bytes list;
    for (const auto& [type, name] : entries) {
      append_u8(list, type);
      append_be16(list, name.size());
      append(list, to_bytes(name));
    }
    Bytes body;
    append_be16(body, list.size());
    append(body, list);
    return extension(0, body);
  }
  TlsHello& server_name(std::string_view name) { return server_names({{std::uint8_t{0}, std::string(name)}}); }
  TlsHello& padding(std::size_t length) { return extension(21, Bytes(length, 0)); }
  TlsHello& encrypted_client_hello() { return extension(0xfe0d, Bytes(60, 0x5a)); }
  TlsHello& early_data() { return extension(42, {}); }
  TlsHello& session(std::size_t length) {
    session_length_ = length;
    return *this;
  }
  TlsHello& without_extensions() {
    has_extensions_ = false;
    return *this;
  }

  // The handshake message without records.
  Bytes message() const {
    Bytes body{3, 3};
    body.insert(body.end(), 32, 0x11);
    append_u8(body, session_length_);
    body.insert(body.end(), session_length_, 0x22);
    append_be16(body, 6);
    append(body, Bytes{0x13, 0x01, 0x13, 0x02, 0x1a, 0x1a});
    append(body, Bytes{1, 0});
    if (has_extensions_) {
      append_be16(body, extensions_.size());
      append(body, extensions_);
    }
    Bytes message{1};
    append_be24(message, body.size());
    append(message, body);
    return message;
  }
  Bytes record(std::uint16_t version = 0x0301) const { return tls_record(kTlsHandshake, message(), version); }
  // In records of at most `length` bytes.
  Bytes records(std::size_t length) const {
    const Bytes whole = message();
    Bytes out;
    for (std::size_t at = 0; at < whole.size(); at += length) {
      const std::size_t end = std::min(whole.size(), at + length);
      append(out, tls_record(kTlsHandshake, {whole.begin() + static_cast<std::ptrdiff_t>(at),
                                             whole.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    return out;
  }

 private:
  Bytes extensions_;
  std::size_t session_length_ = 32;
  bool has_extensions_ = true;
};

// An HTTP/1.1 request head with its blank line.
inline std::string http_get(std::string_view host, std::string_view target, std::string_view more_fields = {}) {
  std::string head = "GET ";
  head.append(target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  head.append(more_fields).append("\r\n");
  return head;
}

// A name in wire form with its closing zero: "www.example.test" → 3 www 7 example 4 test 0.
inline Bytes dns_name(std::string_view dotted) {
  Bytes wire;
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    append_u8(wire, dot);
    append(wire, to_bytes(dotted.substr(0, dot)));
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  wire.push_back(0);
  return wire;
}
// A DNS message: header with these flags and counts, then `rest` as it stands.
inline Bytes dns_message(std::uint16_t flags, std::uint16_t questions, const Bytes& rest) {
  Bytes message{0x12, 0x34};
  append_be16(message, flags);
  append_be16(message, questions);
  append(message, Bytes(6, 0));
  append(message, rest);
  return message;
}
inline Bytes dns_question(std::string_view dotted, std::uint16_t type = 1) {
  Bytes question = dns_name(dotted);
  append_be16(question, type);
  append_be16(question, 1);
  return question;
}
inline Bytes dns_query(std::string_view dotted, std::uint16_t type = 1) {
  return dns_message(0x0100, 1, dns_question(dotted, type));
}

}  // namespace parapet::support
