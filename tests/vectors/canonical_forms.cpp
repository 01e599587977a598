// SPDX-License-Identifier: Apache-2.0
// Answers questions about canonical forms, one JSON object a line in, one out; tests/vectors/run.py asks.
//
//   {"ask":"url","text":T}                     as a URL entry of a list: {"host","port","path","query"} or
//   {"refused":why}
//   {"ask":"wire","authority":A,"target":T}    as a request on the wire, likewise
//   {"ask":"registrable","text":T}             {"registrable":name or null}
//   {"ask":"http","base64":B}                  the requests in a client's stream:
//   {"requests":[{"names":[...],"target":T}]}
// The argument is the public suffix list.
#include <sodium.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "canon/entry.h"
#include "canon/host.h"
#include "canon/url.h"
#include "lists/guard/public_suffixes.h"
#include "packet/extract/extract.h"

using namespace parapet;
using nlohmann::json;

namespace {

json refused(std::string_view why) { return {{"refused", why}}; }

json ask_url(const json& question) {
  const auto url = canon::EntryKind::url;
  const auto entry = canon::parse_entry(question["text"].get<std::string>(), {}, &url);
  if (!entry) return refused(entry.error().context);
  return {{"host", entry->host}, {"port", entry->port}, {"path", entry->path}, {"query", entry->query}};
}

json ask_wire(const json& question) {
  const auto authority_text = question["authority"].get<std::string>();
  const auto authority = canon::split_authority(bytes_of(authority_text), 80);
  canon::Host host;
  if (!authority.ok) return refused("port");
  if (const auto outcome = canon::canonicalise_host(authority.host, host); outcome != canon::HostOutcome::ok) {
    return refused(canon::name_of(outcome));
  }
  const auto target = std::make_unique<canon::Target>();
  const auto target_text = question["target"].get<std::string>();
  canon::canonicalise_target(bytes_of(target_text), false, *target);
  const int port = authority.port == 80 ? 0 : authority.port;
  return {{"host", host.view()}, {"port", port}, {"path", target->path()}, {"query", target->query()}};
}

json ask_registrable(const json& question, const lists::PublicSuffixes& suffixes) {
  const auto url = canon::EntryKind::url;
  const auto entry = canon::parse_entry(question["text"].get<std::string>(), {}, &url);
  if (!entry) return {{"registrable", nullptr}};
  const auto registrable = suffixes.registrable(entry->host);
  return {{"registrable", registrable ? json(*registrable) : json(nullptr)}};
}

std::string printable(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    char hex[8];
    std::snprintf(hex, sizeof hex, byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
    text += hex;
  }
  return text;
}

json ask_http(const json& question) {
  const auto coded = question["base64"].get<std::string>();
  std::vector<std::uint8_t> bytes(coded.size());
  std::size_t size = 0;
  if (::sodium_base642bin(bytes.data(), bytes.size(), coded.data(), coded.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
    return refused("base64");
  }
  auto pool = packet::HpackPool::create(1);
  if (!pool) return refused(pool.error().context);
  const packet::ExtractContext context{{64 * 1024, 4096}, &*pool};
  const auto text = std::make_unique<packet::RequestText>();
  packet::StreamParser parser;
  json requests = json::array();
  ByteView rest(bytes.data(), size);
  while (!rest.empty()) {
    const auto made = parser.feed(rest, *text, context);
    rest = rest.subspan(made.consumed);
    if (made.outcome != packet::ExtractOutcome::request) break;
    json names = json::array();
    for (std::size_t i = 0; i < text->name_count; ++i) names.push_back(printable(text->names[i].view()));
    requests.push_back({{"names", names}, {"target", printable(text->target_view())}});
  }
  parser.release(context);
  return {{"requests", requests}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: canonical_forms PUBLIC_SUFFIX_LIST\n";
    return 2;
  }
  const auto suffixes = lists::PublicSuffixes::load(argv[1]);
  if (!suffixes) {
    std::cerr << suffixes.error().context << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const json question = json::parse(line);
    const auto ask = question["ask"].get<std::string>();
    const json answer = ask == "wire"          ? ask_wire(question)
                        : ask == "registrable" ? ask_registrable(question, *suffixes)
                        : ask == "http"        ? ask_http(question)
                                               : ask_url(question);
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
  return 0;
}
