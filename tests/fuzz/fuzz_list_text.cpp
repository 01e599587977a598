// SPDX-License-Identifier: Apache-2.0
// Lists as a source sends them, in both formats: what is accepted survives a second canonicalisation unchanged.
#include <cstdlib>

#include "lists/read/read.h"
#include "verified_feed.h"

namespace {

using namespace parapet;

Status check_entry(canon::Entry entry) {
  const bool is_url = !entry.path.empty();
  // Port 80 stands in an entry where it is not its scheme's.
  const std::string scheme = entry.port == 80 ? "https://" : "http://";
  std::string text = is_url ? scheme + entry.host : entry.host;
  if (entry.port != 0) text += ":" + std::to_string(entry.port);
  text += entry.path;
  if (!entry.query.empty()) text += "?" + entry.query;
  canon::EntryKind kind = entry.kind == canon::EntryKind::prefix_below ? canon::EntryKind::prefix : entry.kind;
  const auto again = canon::parse_entry(text, {}, &kind);
  if (!again || canon::canonical_text(*again) != canon::canonical_text(entry)) std::abort();
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto feed = support::verified(text_of({data, size}));
  config::SourceOptions source;
  static_cast<void>(lists::read_feed(feed, source, check_entry));
  source.format = config::FeedFormat::csv;
  source.csv.header = false;
  source.csv.value_column = "1";
  source.csv.kind_column = "2";
  static_cast<void>(lists::read_feed(feed, source, check_entry));
  return 0;
}
