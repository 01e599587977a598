// SPDX-License-Identifier: Apache-2.0
// Lists as a source sends them, in every format, wrapping and encoding: what is accepted survives a second
// canonicalisation unchanged.
//   input  byte 0: the format in its low half (from 10 on with increments), the encoding in the next two bits, the
//   wrapping in the last two; the rest: a list
#include <cstdlib>

#include "lists/read/read.h"
#include "seeded_mutator.h"
#include "support_bytes.h"
#include "verified_feed.h"

namespace {

using namespace parapet;

Status check_entry(lists::FeedEntry read) {
  const auto& entry = read.entry;
  const bool is_url = !entry.path.empty();
  std::string text = is_url ? "http://" + entry.host : entry.host;
  if (entry.port != 0) text += ":" + std::to_string(entry.port);
  text += entry.path;
  if (!entry.query.empty()) text += "?" + entry.query;
  canon::EntryKind kind = entry.kind == canon::EntryKind::prefix_below ? canon::EntryKind::prefix : entry.kind;
  const auto again = canon::parse_entry(text, {}, &kind);
  if (!again || canon::canonical_text(*again) != canon::canonical_text(entry)) std::abort();
  return {};
}

// Byte 0 of a seed in UTF-8 without wrapping.
constexpr std::uint8_t kPlain = 0, kCsv = 1, kHosts = 2, kJson = 3, kJsonl = 4, kIncrement = 10;

support::Bytes seed(std::uint8_t first, std::string_view text) {
  support::Bytes bytes{first};
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

const std::vector<support::Bytes> kSeeds{
    seed(kPlain,
         "# c\na.example.test\r\nhttp://b.example.test:81/x%41/../y?q#f\n\xc3\xbc.example.test\n[2001:db8::1]/\n"),
    seed(kCsv, "a.example.test,host,2027-03-31\n\"http://b.example.test/x,\"\"y\",url,2027-03-31T23:59:59.5+02:00\n"),
    seed(kHosts, "0.0.0.0 a.example.test b.example.test # c\n::1 localhost\n"),
    seed(
        kJson,
        R"({"items":[{"value":"a.example.test","kind":"domain","ends":"2027-03-31T00:00:00Z"},{"ends":null,"kind":"url","value":"http:\u002f\u002fb.test"}]})"),
    seed(kIncrement + kCsv, "a.example.test,host,,add,8,7\nb.example.test,host,,remove,8,7\n"),
    seed(kIncrement + kJson,
         R"({"version":8,"base":"7","items":[{"value":"a.example.test","kind":"host","operation":"remove"}]})"),
    seed(kIncrement + kJsonl,
         "{\"value\":\"a.example.test\",\"kind\":\"host\",\"operation\":\"add\",\"version\":8,\"base\":null}\n"),
    seed(kJsonl, "{\"value\":\"a.example.test\",\"kind\":\"host\",\"n\":[1,{}]}\n"),
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  config::SourceOptions source;
  source.format = static_cast<config::FeedFormat>((data[0] & 15) % 5);
  source.encoding = static_cast<config::TextEncoding>(data[0] >> 4 & 3);
  source.packing = static_cast<config::Packing>(data[0] >> 6);
  source.max_unpacked_bytes = 1 << 16;
  source.csv.header = false;
  source.csv.value_column = "1";
  source.csv.kind_column = "2";
  source.csv.ends_column = "3";
  source.increments = (data[0] & 15) >= kIncrement;
  if (source.increments) {
    source.csv.operation_column = "4";
    source.csv.version_column = "5";
    source.csv.base_column = "6";
  }
  source.json = {source.format == config::FeedFormat::json ? "/items" : "", "/value", "/kind", "/ends"};
  if (source.increments) {
    source.json.operation = "/operation";
    source.json.version = "/version";
    source.json.base = "/base";
  }
  const auto reading = lists::read_feed(support::verified(text_of({data + 1, size - 1})), source, check_entry);
  if (!reading) return 0;
  const auto& place = reading->place;
  if (source.increments != (place.version != 0) || (place.base && *place.base >= place.version)) std::abort();
  return 0;
}
