// SPDX-License-Identifier: Apache-2.0
// Requests as clients send them: TLS hellos (in any number of records), HTTP heads, DNS questions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>

#include "support_bytes.h"

namespace parapet::support {

// A TLS 1.2/1.3 ClientHello with server_name and a padding extension, in records of at most `record_size` bytes.
//   RFC 8446 §4.1.2, RFC 6066 §3
inline Bytes client_hello(std::string_view name, std::size_t padding = 0, std::size_t record_size = 16384) {
  Bytes server_name;
  append_be16(server_name, name.size() + 3);
  server_name.push_back(0);
  append_be16(server_name, name.size());
  append(server_name, name);

  Bytes extensions;
  append_be16(extensions, 10);  // supported_groups, so that the name is not the first
  append_be16(extensions, 4);
  append_be16(extensions, 2);
  append_be16(extensions, 29);
  if (!name.empty()) {
    append_be16(extensions, 0);
    append_be16(extensions, server_name.size());
    append(extensions, server_name);
  }
  if (padding > 0) {
    append_be16(extensions, 21);
    append_be16(extensions, padding);
    extensions.resize(extensions.size() + padding);
  }

  Bytes body{3, 3};
  for (std::uint8_t i = 0; i < 32; ++i) body.push_back(static_cast<std::uint8_t>(0x80 + i));
  body.push_back(0);  // session id
  append_be16(body, 2);
  append_be16(body, 0x1301);
  body.push_back(1);  // compression methods
  body.push_back(0);
  append_be16(body, extensions.size());
  append(body, extensions);

  Bytes message{1, static_cast<std::uint8_t>(body.size() >> 16)};
  append_be16(message, body.size() & 0xffff);
  append(message, body);

  Bytes stream;
  for (std::size_t at = 0; at < message.size(); at += record_size) {
    const std::size_t length = std::min(record_size, message.size() - at);
    stream.insert(stream.end(), {22, 3, 1});
    append_be16(stream, length);
    stream.insert(stream.end(), message.begin() + static_cast<std::ptrdiff_t>(at),
                  message.begin() + static_cast<std::ptrdiff_t>(at + length));
  }
  return stream;
}

// A record of application data, as what follows a handshake.
inline Bytes application_data(std::size_t length) {
  Bytes record{23, 3, 3};
  append_be16(record, length);
  for (std::size_t i = 0; i < length; ++i) record.push_back(static_cast<std::uint8_t>(i * 7 + 3));
  return record;
}

inline std::string get(std::string_view host, std::string_view target = "/") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\nUser-Agent: test\r\n\r\n";
}
inline std::string post(std::string_view host, std::string_view body) {
  return "POST /form HTTP/1.1\r\nHost: " + std::string(host) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}
inline std::string post_chunked(std::string_view host, std::string_view body, std::size_t chunk) {
  std::string text = "POST /form HTTP/1.1\r\nHost: " + std::string(host) + "\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[16];
  for (std::size_t at = 0; at < body.size(); at += chunk) {
    const std::string_view piece = body.substr(at, chunk);
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    text += size;
    text += piece;
    text += "\r\n";
  }
  return text + "0\r\n\r\n";
}

// A query with one question for each name, type A.  RFC 1035 §4.1
inline Bytes dns_query(std::initializer_list<std::string_view> names) {
  Bytes message{0x12, 0x34, 1, 0};
  append_be16(message, names.size());
  message.insert(message.end(), 6, 0);
  for (const std::string_view name : names) {
    std::size_t at = 0;
    while (at < name.size()) {
      const std::size_t end = std::min(name.find('.', at), name.size());
      message.push_back(static_cast<std::uint8_t>(end - at));
      append(message, name.substr(at, end - at));
      at = end + 1;
    }
    message.insert(message.end(), {0, 0, 1, 0, 1});
  }
  return message;
}

}  // namespace parapet::support
