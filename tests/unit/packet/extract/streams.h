// SPDX-License-Identifier: Apache-2.0
// Client streams of every kind that the parser knows, short enough to be cut at every pair of places.
#pragma once

#include <vector>

#include "http2_builder.h"
#include "message_builder.h"

namespace parapet::packet::streams {

inline std::vector<support::Bytes> short_streams() {
  using support::append, support::to_bytes, support::TlsHello, support::tls_record;
  std::vector<support::Bytes> all;
  for (const char* text :
       {"GET /a?b HTTP/1.1\r\nHost: x.test:80\r\nA: b\r\n\r\nGET /c HTTP/1.1\r\nA:\r\nhost : y.test\r\n\r\n",
        "\r\n\r\nPOST /a HTTP/1.1\nContent-Length: 3\nHost:\n\tx.test\n\nabcGET / HTTP/1.0\n\n",
        "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\nA \r\n0123456789\r\n0\r\nT: u\r\n\r\nG / "
        "x\n\n",
        "GET http://u@x.test?q HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n",
        "P / x\nContent-Length: 3\nTransfer-Encoding: chunked\n\nzz\nGET /h x\nHost: h.test\nGET http://i.test x\n\n",
        "P / x\nTransfer-Encoding: chunked\n\n3\r\nabcd\nDEL /h x\nHost: h.test\n\nHost: i.test\n\n",
        "P / x\nTransfer-Encoding: chunked\n\nBEEF /h x\nHost: h.test\n\n",
        "P / x\nTransfer-Encoding: chunked\n\nA /h x\nHost: h.test\n\n", "GET /\r\nGET /b\nHost: x.test\n\n",
        "GET / x\rHost: x.test\r\r\nA: b\r\n\rHost: y.test\r\n\r\nG / x\n\n",
        "CONNECT p.test:1 x\n\nGET / x\nHost: x.test\n\n", "CONNECT p.test:1\nGET / x\nHost: x.test\n\n",
        "G / x\nUpgrade: w\n\n\x81\x85 GET / x\nHost: x.test\n\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "SSH-2.0-x y\r\n", "EHLO c.test\r\n", "GET x.test/ HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:x.test\r\n\r\n"}) {
    all.push_back(to_bytes(text));
  }
  const TlsHello hello = TlsHello().session(3).server_names({{3, "d"}, {0, "x.test"}}).encrypted_client_hello();
  all.push_back(hello.record());
  all.push_back(TlsHello().session(0).padding(3).server_name("x.test").records(9));
  support::Bytes retry = tls_record(21, {1, 0});
  append(retry, TlsHello().session(0).server_name("a.test").early_data().record());
  append(retry, tls_record(23, support::Bytes(9, 1)));
  append(retry, tls_record(20, {1}));
  append(retry, tls_record(22, {}));
  append(retry, TlsHello().session(0).server_name("b.test").records(50));
  append(retry, tls_record(23, {1, 2}));
  all.push_back(retry);
  support::Bytes tunnel = to_bytes("CONNECT p.test:1 x\n\n");
  append(tunnel, TlsHello().session(0).server_name("x.test").record());
  all.push_back(tunnel);
  all.push_back(TlsHello().extension(0, {0, 9, 0, 0, 200, 'x', '.', 't'}).padding(3).record());
  all.push_back({0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff, 1, 2, 3});

  namespace http2 = support::http2;
  support::HpackEncoder encoder;
  support::Bytes frames = to_bytes("G / x\nUpgrade: h2c\n\n");
  append(frames, http2::opening());
  append(frames, http2::headers_in_pieces(1, encoder.block({{":path", "/a"}, {":authority", "x.test"}}), 6));
  append(frames, http2::frame(http2::kData, 0, 1, {1, 2, 3}));
  append(frames, http2::headers(3, encoder.block({{":authority", "x.test"}, {"host", "y.test"}})));
  all.push_back(frames);
  support::Bytes broken = http2::opening();
  append(broken, http2::headers(1, {0x80, 0x80}));
  all.push_back(broken);

  support::Bytes messages{0, 35};
  append(messages, support::dns_message(0x0100, 2, support::dns_question("x.test")));
  append(messages, support::Bytes{1, 'a', 0xc0, 12, 0, 1, 0, 1, 7, 7, 7, 0, 3, 9, 9, 9, 0, 24});
  append(messages, support::dns_query("y.test"));
  all.push_back(messages);
  all.push_back({'G', ' ', '/', '\n', 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0, 1, 0, 1});
  all.push_back({0, 1, 9, 0, 12, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  return all;
}

}  // namespace parapet::packet::streams
