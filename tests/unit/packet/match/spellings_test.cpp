// SPDX-License-Identifier: Apache-2.0
// Every spelling of a request that a real server answers is stopped, and its unlisted twin is not (H1-H20, S4).
//
// What a row holds was tried on nginx 1.22, Apache 2.4, lighttpd 1.4.69, Go 1.19 and Python 3.11 (HTTP), on nginx,
// Apache, OpenSSL, GnuTLS and Go (TLS): at least one of them answered each with the listed content.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "message_builder.h"
#include "packet/extract/extract.h"
#include "packet/match/match.h"
#include "tiny_list.h"

namespace parapet::packet {
namespace {

using support::Bytes;

// What the machines and the matcher make of a client's whole stream.
struct Judged {
  bool listed = false;
  bool unusable = false;
};
Judged judge(const support::TinyList& list, ByteView stream, std::uint16_t port = 80) {
  const ExtractContext context;
  const auto text = std::make_unique<RequestText>();
  Matcher matcher(support::kTestKey);
  Match match;
  StreamParser parser;
  Judged judged;
  for (std::size_t at = 0; at < stream.size();) {
    const Extracted made = parser.feed(stream.subspan(at), *text, context);
    at += made.consumed;
    if (made.outcome == ExtractOutcome::opaque || made.outcome == ExtractOutcome::uninspected) break;
    if (made.outcome != ExtractOutcome::request) continue;
    matcher.match_request({list.snapshot(), support::kAnyOccasion}, parser.protocol(), *text, port, match);
    judged.listed |= match.any();
    judged.unusable |= match.name_unusable;
  }
  return judged;
}

// "{host}" and "{path}" in a row's text become a listed or an unlisted one.
std::string filled(std::string text, std::string_view host, std::string_view path) {
  const auto replace = [&text](std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
      text.replace(at, what.size(), by);
    }
  };
  replace("{host}", host);
  replace("{path}", path);
  return text;
}

constexpr std::string_view kHost = "listed.test", kPath = "/a(b)/x/bad";
constexpr std::string_view kUrl = "url:http://listed.test/a(b)/x/bad", kPrefix = "prefix:http://listed.test/a(b)/x/";

// Each stream asks for the listed host and path in its own way.
void expect_all_stopped(const std::vector<std::string>& streams) {
  const support::TinyList host{"host:" + std::string(kHost)}, url{std::string(kUrl)}, prefix{std::string(kPrefix)};
  for (const std::string& stream : streams) {
    const std::string asks = filled(stream, kHost, kPath), twin = filled(stream, "xisted.test", kPath),
                      other_path = filled(stream, kHost, "/a(b)/y/bad");
    EXPECT_TRUE(judge(host, bytes_of(asks)).listed) << stream;
    EXPECT_TRUE(judge(url, bytes_of(asks)).listed) << stream;
    EXPECT_TRUE(judge(prefix, bytes_of(asks)).listed) << stream;
    EXPECT_FALSE(judge(host, bytes_of(twin)).listed) << stream;
    EXPECT_FALSE(judge(url, bytes_of(twin)).listed) << stream;
    EXPECT_FALSE(judge(url, bytes_of(other_path)).listed) << stream;
    EXPECT_FALSE(judge(prefix, bytes_of(other_path)).listed) << stream;
  }
}
void expect_all_fields_stopped(const std::vector<std::string>& fields) {
  std::vector<std::string> streams;
  for (const std::string& field : fields) streams.push_back("GET {path} HTTP/1.1\r\n" + field + "\r\nA: b\r\n\r\n");
  expect_all_stopped(streams);
}
void expect_all_lines_stopped(const std::vector<std::string>& lines) {
  std::vector<std::string> streams;
  for (const std::string& line : lines) streams.push_back(line + "\r\nHost: {host}\r\n\r\n");
  expect_all_stopped(streams);
}

TEST(Spellings, H1_OfTheHostFieldAndItsValue) {
  expect_all_fields_stopped({"hoSt: {host}", "HOST:{host}", "Host: {host}.", "Host: {host}:80", "Host:\t{host}\t",
                             "Host: {host}.:80", "Host: {host}:", "Host: {host}:080", "Host: {host}:65536",
                             "Host: {host}:80abc", "Host:  \t {host}", "Host: {host}:8080", "Host: {host}:80:80"});
}

TEST(Spellings, H2_H3_OfBlanksAndControlsAroundTheColonAndTheName) {
  expect_all_fields_stopped({"Host:{host}", "Host:\t{host}", "Host : {host}", "Host\t: {host}", " Host: {host}",
                             "\tHost: {host}", "Host \t : {host}", "Host:\v{host}", "Host: {host}\v",
                             "Host: {host}\x1c"});
}

TEST(Spellings, H4_OfTheStartLine) {
  expect_all_lines_stopped(
      {"\r\nGET {path} HTTP/1.1", "\n\n\nGET {path} HTTP/1.1", " GET {path} HTTP/1.1", "\t\vGET {path} HTTP/1.1",
       "GET  {path}  HTTP/1.1", "GET\t{path}\tHTTP/1.1", "GET {path} HTTP/1.1 ", "GET\v{path} HTTP/1.1",
       "GET {path}\vHTTP/1.1", "GET\f{path}\fHTTP/1.1", "GET\x1c{path}\x1fHTTP/1.1", "GET\xa0{path}\xa0HTTP/1.1",
       "GET\x85{path}\x85HTTP/1.1", "GET\r{path} HTTP/1.1", "GET {path}\rHTTP/1.1", "GET {path} x HTTP/1.1"});
  const std::string zero = std::string("GET {path}") + '\0' + " HTTP/1.1";
  expect_all_lines_stopped({zero});
}

TEST(Spellings, H5_OfTheEndsOfLines) {
  expect_all_stopped({"GET {path} HTTP/1.1\nHost: {host}\n\n", "GET {path} HTTP/1.1\r\nA: b\rHost: {host}\r\n\r\n",
                      "GET {path} HTTP/1.1\r\nA: b\nHost: {host}\r\n\r\n", "GET {path} HTTP/1.1\rHost: {host}\r\n\r\n",
                      "GET {path} HTTP/1.1\r\n\rHost: {host}\r\n\r\n", "GET {path} HTTP/1.1\r\nHost: {host}\r\r\n\r\n",
                      "GET {path} HTTP/1.1\r\nHost: {host}\n\r\n", "GET {path} HTTP/1.1\r\nHost: {host}\r\n\n"});
}

TEST(Spellings, H6_OfFoldedLines) {
  expect_all_fields_stopped({"Host:\r\n {host}", "Host:\r\n\t{host}", "Host: \r\n \r\n {host}", "Host: x\r\n {host}",
                             "A: b\r\n c\r\nHost: {host}", " A: b\r\nHost: {host}", "Host: {host}\r\n x",
                             "Host:\n {host}"});
}

TEST(Spellings, H7_OfTargetsThatNameAHost) {
  for (const char* field : {"Host: other.test", "Host:", "A: b"}) {
    std::vector<std::string> streams;
    for (const char* target :
         {"http://{host}{path}", "HTTP://{host}{path}", "https://{host}{path}", "h://{host}{path}",
          "http://u@{host}{path}", "http://u:p@{host}{path}", "http://x.test@{host}{path}", "http://{host}:80{path}",
          "http://{host}:{path}", "http://{host}.{path}", "a+b://{host}{path}"}) {
      streams.push_back(std::string("GET ") + target + " HTTP/1.1\r\n" + field + "\r\n\r\n");
    }
    expect_all_stopped(streams);
  }
}

TEST(Spellings, H8_OfSeveralHosts) {
  std::string eight;
  for (int i = 0; i < 7; ++i) eight += "Host: x.test\r\n";
  expect_all_fields_stopped({"Host: other.test\r\nHost: {host}", "Host: {host}\r\nHost: other.test",
                             "Host:\r\nHost: {host}", "Host: {host}\r\nHost:", eight + "Host: {host}",
                             "Host: {host}, x", "Host: x, {host}", "Host: x {host}"});
}

TEST(Spellings, H9_OfTheVersion) {
  std::vector<std::string> lines;
  for (const char* version : {"HTTP/1.0", "HTTP/0.9", "HTP/1.1", "XXXX/1.1", "HTTP/1.2", "HTTP/2.0", "HTTP/3.0",
                              "http/1.1", "HTTP/01.01", "HTTP/1.10", "HTTP/1", "HTTP1.1", "HTTP/ 1.1", ""}) {
    lines.push_back(std::string("GET {path} ") + version);
  }
  lines.push_back("GET {path}");
  expect_all_lines_stopped(lines);
  expect_all_stopped({"GET http://{host}{path}\r\n", "GET {path}\nHost: {host}\n\n"});
}

TEST(Spellings, H10_OfTheMethod) {
  std::vector<std::string> lines;
  for (const char* method : {"POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND", "XYZZY", "get", "Get", "G", "GET1",
                             "G-T", "PATCH", "TRACE", "M-SEARCH", "G.E~T", "*"}) {
    lines.push_back(std::string(method) + " {path} HTTP/1.1");
  }
  expect_all_lines_stopped(lines);
}

TEST(Spellings, H11_OfATunnel) {
  const support::TinyList list{"host:listed.test"};
  for (const char* target : {"listed.test:443", "LISTED.test", "u@listed.test:443"}) {
    EXPECT_TRUE(judge(list, bytes_of("CONNECT " + std::string(target) + " HTTP/1.1\r\n\r\n")).listed) << target;
  }
  EXPECT_FALSE(judge(list, bytes_of("CONNECT other.test:443 HTTP/1.1\r\n\r\n")).listed);
  const std::string open = "CONNECT proxy.test:443 HTTP/1.1\r\n\r\n";
  EXPECT_TRUE(judge(list, bytes_of(open + support::http_get("listed.test", "/"))).listed);
  for (const char* name : {"listed.test", "other.test"}) {
    Bytes stream = support::to_bytes(open);
    support::append(stream, support::TlsHello().server_name(name).records(30));
    EXPECT_EQ(judge(list, stream).listed, std::string_view(name) == "listed.test");
  }
}

TEST(Spellings, H12_OfASecondRequest) {
  const std::string first = "GET /a HTTP/1.1\r\nHost: other.test\r\n\r\n",
                    second = support::http_get("{host}", "{path}");
  expect_all_stopped({first + second, first + "\n" + second, first + "\r\n\r\n\r\n" + second, first + " " + second,
                      first + first + first + second});
}

TEST(Spellings, H13_OfTheEndOfABody) {
  const std::string head = "POST / HTTP/1.1\r\nHost: other.test\r\n", second = support::http_get("{host}", "{path}");
  std::vector<std::string> streams;
  for (const char* length :
       {"Content-Length: 5", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5, 5", "Content-Length: 05",
        "Content-Length: +5", "Content-Length:\t5 ", "Content-Length : 5", "Content-Length: 5\r\nContent-Length: 0",
        "Content-Length: 0\r\nContent-Length: 5", "Content-Length: 5;x", "Content-Length: \"5\""}) {
    streams.push_back(head + length + "\r\n\r\n12345" + second);
  }
  for (const char* no_body : {"A: b\rContent-Length: 500", "Content-Length:\r\n 500", " Content-Length: 500",
                              "X: y\r\n Content-Length: 500", "Content_Length: 500", "X-Content-Length: 500",
                              "Content-Length: 0\rX: y", "Content-Length: -1", "Content-Length:"}) {
    streams.push_back(head + no_body + "\r\n\r\n" + second);
  }
  for (const char* body :
       {"5\r\n12345\r\n0\r\n\r\n", "5;a=b\r\n12345\r\n0;c\r\n\r\n", "5 \r\n12345\r\n0\r\n\r\n",
        "005\r\n12345\r\n000\r\n\r\n", "5\n12345\n0\n\n", "5\r\n12345\r\n0\r\nHost: x\r\n\r\n",
        "5;a=\"\r\n\"\r\n12345\r\n0\r\n\r\n", "5;a\rb\r\n12345\r\n0\r\n\r\n", "0x5\r\n12345\r\n0\r\n\r\n",
        "+5\r\n12345\r\n0\r\n\r\n", "-5\r\n", " 5\r\n12345\r\n0\r\n\r\n", "5_0\r\n12345\r\n0\r\n\r\n",
        "10000000000000005\r\n12345\r\n0\r\n\r\n", "0\n\r\n", "0\r\n\n", "0\r\nA: b\n\n"}) {
    streams.push_back(head + "Transfer-Encoding: chunked\r\n\r\n" + body + second);
  }
  for (const char* both :
       {"Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length: 500\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: chunked\v",
        "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: ,chunked"}) {
    streams.push_back(head + both + "\r\n\r\n0\r\n\r\n" + second);
  }
  expect_all_stopped(streams);
}

TEST(Spellings, H14_OfThePath) {
  std::vector<std::string> lines;
  for (const char* path :
       {"/a%28b%29/x/bad",      "/a(b)/x/b%61d",          "/%61(b)/x/%62%61%64",    "/a(b)//x/bad",
        "//a(b)/x/bad",         "/./a(b)/x/bad",          "/y/../a(b)/x/bad",       "/../a(b)/x/bad",
        "/a(b)/x/y/../bad",     "/a(b)/x/%2e/bad",        "/a(b)/x/y/%2e%2e/bad",   "/a(b)%2fx/bad",
        "/a(b)/x/y//../../bad", "/y/z//../../a(b)/x/bad", "/a(b)%2Fx%2Fbad",        "/a(b)/x/bad#f",
        "/a(b)/x/bad?",         "/a(b)/x/bad/.",          "/a(b)/x/bad/y/..",       "/a(b)/x/bad/..%2fbad",
        "/a(b)/x/y%2f..%2fbad", "/a(b)/x/bad%2f",         "/a(b)/x/%2E%2E%2Fx/bad", "a(b)/x/bad",
        "%2fa(b)/x/bad",        "/a(b)/x\\bad",           "/a%2528b%2529/x/bad",    "/a(b)/x/b%2561d",
        "/a(b)/x/b%u0061d",     "/a(b)/x/b%c1%a1d",       "/a(b)/x%c0%afbad",       "/a(b)/x%252fbad",
        "/a(b)/x/b%e0%81%a1d",  "/a(b)/%u002e/x/bad",     "/a(b)/x/b%25%36%31d",    "/%25%36%31(b)/x/bad"}) {
    lines.push_back(std::string("GET ") + path + " HTTP/1.1\r\nHost: ");
  }
  const support::TinyList url{std::string(kUrl)}, prefix{std::string(kPrefix)};
  for (const std::string& line : lines) {
    for (const support::TinyList* list : {&url, &prefix}) {
      EXPECT_TRUE(judge(*list, bytes_of(line + "listed.test\r\n\r\n")).listed) << line;
      EXPECT_FALSE(judge(*list, bytes_of(line + "other.test\r\n\r\n")).listed) << line;
    }
  }
}

TEST(Spellings, H14_OthersPathsOfTheHostPass) {
  const support::TinyList url{std::string(kUrl)}, prefix{std::string(kPrefix)};
  for (const char* path : {"/", "/a(b)/x", "/a(b)/xbad", "/a(b)/x%25bad", "/A(b)/x/bad", "/a(c)/x/bad",
                           "/a(b)/x/../bad", "/a%2528c%2529/x/bad", "/y?u=/a(b)/x/bad", "/y?u=%2Fa(b)%2Fx%2Fbad",
                           "/y#/a(b)/x/bad", "/a(b)/%78x/bad", "/b%c1%a1d", "/%u0061", "/%", "/%2"}) {
    const std::string request = support::http_get("listed.test", path);
    EXPECT_FALSE(judge(url, bytes_of(request)).listed) << path;
    EXPECT_FALSE(judge(prefix, bytes_of(request)).listed) << path;
  }
  EXPECT_FALSE(judge(url, bytes_of(support::http_get("listed.test", "/a(b)/x/bad?q"))).listed);
  EXPECT_FALSE(judge(url, bytes_of(support::http_get("listed.test", "/a(b)/x/bad/"))).listed);
}

TEST(Spellings, H15_OfAHostThatIsAnAddress) {
  const support::TinyList list{"url:http://192.0.2.1/bad"};
  for (const char* host : {"192.0.2.1", "0xc0000201", "3221225985", "0300.0.2.1", "192.0.513", "[::ffff:192.0.2.1]",
                           "192.0.2.1:80", "u:p@192.0.2.1"}) {
    EXPECT_TRUE(judge(list, bytes_of(support::http_get(host, "/bad"))).listed) << host;
    EXPECT_TRUE(judge(list, bytes_of("GET http://" + std::string(host) + "/bad HTTP/1.1\r\n\r\n")).listed) << host;
  }
  for (const char* host : {"192.0.2.2", "3221225986", "192.0.2.1.test"}) {
    EXPECT_FALSE(judge(list, bytes_of(support::http_get(host, "/bad"))).listed) << host;
  }
}

TEST(Spellings, H17_OfWhatFollowsAnUpgrade) {
  const std::string ask = "GET / HTTP/1.1\r\nHost: other.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  expect_all_stopped({ask + support::http_get("{host}", "{path}"),
                      "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"});
}

TEST(Spellings, T17_H18_BehindMuchElse) {
  std::string pad;
  while (pad.size() < 900 * 1024) pad += "X-Pad: " + std::string(9000, 'p') + "\r\n";
  expect_all_fields_stopped({pad + "Host: {host}"});
  std::string slashes(5000, '/'), dots, climbs, encoded;
  for (int i = 0; i < 2500; ++i) {
    dots += "/.";
    climbs += "/x/..";
    encoded += "/%2e/y/%2E.";
  }
  expect_all_lines_stopped({"GET " + slashes + "{path} HTTP/1.1", "GET " + dots + "{path} HTTP/1.1",
                            "GET " + climbs + "{path} HTTP/1.1", "GET " + encoded + "{path} HTTP/1.1",
                            "GET /" + std::string(4000, 'l') + "/.." + climbs + "{path} HTTP/1.1",
                            "GET http://{host}" + dots + "{path} HTTP/1.1"});
}

TEST(Spellings, AListedNameElsewhereInARequestStopsNothing) {
  const support::TinyList host{"host:listed.test"}, url{std::string(kUrl)};
  std::vector<std::string> streams;
  for (const char* field :
       {"Referer: http://listed.test/a(b)/x/bad", "X-Host: listed.test", "X-Forwarded-Host: listed.test",
        "Cookie: Host=listed.test", "Forwarded: host=listed.test", "Origin: http://listed.test",
        "A: b Host: listed.test", "A: b,Host: listed.test", "Hosts: listed.test", "Host-X: listed.test",
        "X Host: listed.test", "Host: other.test\xc3\xa0listed.test"}) {
    streams.push_back("GET /a(b)/x/bad HTTP/1.1\r\nHost: other.test\r\n" + std::string(field) + "\r\n\r\n");
  }
  for (const char* target : {"/?u=http://listed.test/a(b)/x/bad", "/http://listed.test/a(b)/x/bad", "/listed.test",
                             "/x@listed.test/", "/#http://listed.test/"}) {
    streams.push_back(support::http_get("other.test", target));
  }
  const std::string inner = support::http_get("listed.test", "/a(b)/x/bad");
  streams.push_back("POST / HTTP/1.1\r\nHost: other.test\r\nContent-Length: " + std::to_string(inner.size()) +
                    "\r\n\r\n" + inner);
  char size[16];
  std::snprintf(size, sizeof size, "%zx", inner.size());
  streams.push_back("POST / HTTP/1.1\r\nHost: other.test\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(size) +
                    "\r\n" + inner + "\r\n0\r\n\r\n");
  for (const std::string& stream : streams) {
    EXPECT_FALSE(judge(host, bytes_of(stream)).listed) << stream;
    EXPECT_FALSE(judge(url, bytes_of(stream)).listed) << stream;
  }
}

TEST(Spellings, AUrlIsOnThePortThatItsRequestOrItsConnectionSays) {
  const support::TinyList usual{"url:http://listed.test/bad"}, other{"url:http://listed.test:8080/bad"};
  const auto asks = [](const support::TinyList& list, const char* host, std::uint16_t port) {
    return judge(list, bytes_of(support::http_get(host, "/bad")), port).listed;
  };
  EXPECT_TRUE(asks(usual, "listed.test:8080", 80)) << "no server looks at the port of a Host";
  EXPECT_TRUE(asks(usual, "listed.test", 8080));
  EXPECT_TRUE(asks(other, "listed.test", 8080));
  EXPECT_TRUE(asks(other, "listed.test:8080", 3128)) << "by a proxy";
  EXPECT_FALSE(asks(usual, "listed.test:8080", 8080));
  EXPECT_FALSE(asks(other, "listed.test", 80));
}

TEST(Spellings, S4_OfAServerName) {
  const support::TinyList list{"host:listed.test"};
  const auto hello = [&](const std::string& name) {
    return judge(list, support::TlsHello().server_name(name).record());
  };
  for (const char* name :
       {"listed.test", "LiStEd.TEST", "listed.test.", "listed.test:443", "listed.test:", "listed.test.:443"}) {
    EXPECT_TRUE(hello(name).listed) << name;
  }
  for (const std::string& name :
       {std::string("listed.test..") + "x", std::string(".listed.test"), std::string(" listed.test"),
        std::string("listed.test\0x", 13), std::string("listed.test\0", 12), std::string("\xef\xbd\x8cisted.test"),
        std::string("listed..test"), std::string("[listed.test]")}) {
    EXPECT_FALSE(hello(name).listed) << name;
    EXPECT_TRUE(hello(name).unusable) << "no server takes it for the listed name: counted, not compared";
  }
  for (const char* name : {"xlisted.test", "listed.test.x", "*.listed.test", "listed.tes"}) {
    EXPECT_FALSE(hello(name).listed) << name;
    EXPECT_FALSE(hello(name).unusable) << name;
  }
}

TEST(Spellings, S10_AnAddressOrNoNameIsNoVerdict) {
  const support::TinyList list{"url:http://192.0.2.1/bad"};
  EXPECT_FALSE(judge(list, support::TlsHello().server_name("192.0.2.1").record()).listed);
  EXPECT_FALSE(judge(list, support::TlsHello().record()).listed);
}

}  // namespace
}  // namespace parapet::packet
