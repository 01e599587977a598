// SPDX-License-Identifier: Apache-2.0
// Policy zones as a source sends them: what is accepted is a host or domain that canonicalising leaves as it is.
//   input  a zone as text
#include <cstdlib>

#include "lists/read/read.h"
#include "seeded_mutator.h"
#include "support_bytes.h"
#include "verified_feed.h"

namespace {

using namespace parapet;

Status check_entry(lists::FeedEntry read) {
  const auto& entry = read.entry;
  if (entry.kind != canon::EntryKind::host && entry.kind != canon::EntryKind::domain) std::abort();
  const auto again = canon::parse_entry(entry.host, {}, &entry.kind);
  if (!again || canon::canonical_text(*again) != canon::canonical_text(entry)) std::abort();
  return {};
}

support::Bytes seed(std::string_view text) { return {text.begin(), text.end()}; }

const std::vector<support::Bytes> kSeeds{
    seed("$ORIGIN rpz.test.\n$TTL 1h\n@ IN SOA ns admin (\n 1 60 60 60 60 )\n NS ns\na.example.test CNAME .\n"
         "*.a.example.test CNAME .\nw.a.example.test CNAME rpz-passthru.\nb.test 60 IN A 192.0.2.1\n"),
    seed("rpz.test. 60 IN SOA a. b. 1 2 3 4 5\n32.1.2.0.192.rpz-ip.rpz.test. 60 IN CNAME .\n\\097.test.rpz.test. TXT "
         "\"x; (\"\n"),
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  config::SourceOptions source;
  source.format = config::FeedFormat::rpz;
  static_cast<void>(lists::read_feed(support::verified(text_of({data, size})), source, check_entry));
  return 0;
}
