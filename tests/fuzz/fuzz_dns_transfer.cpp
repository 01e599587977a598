// SPDX-License-Identifier: Apache-2.0
// A primary's messages: none that a stranger makes is signed, and a record that is read is one line, which the zone's
// reader takes for the same name.
//   input  a message as TCP carries it, without its length
#include <cstdlib>

#include "lists/fetch/tsig.h"
#include "lists/read/zone_text.h"
#include "seeded_mutator.h"
#include "support_bytes.h"

namespace {

using namespace parapet;

void check_record(const lists::DnsRecord& record) {
  lists::PlaceReader place;
  lists::RowSink sink([](const lists::FeedRow&) -> Status { return {}; }, place);
  unsigned records = 0;
  lists::walk_zone(bytes_of(record.text), "", sink, [&](const lists::ZoneRecord& read) {
    ++records;
    if (std::string(read.owner) + '\0' != record.owner) std::abort();
  });
  if (records == 0 && sink.finish()) std::abort();
  if (records > 1) std::abort();
}

support::Bytes message(std::string_view records, std::uint8_t answers, std::uint8_t additional) {
  support::Bytes bytes{0x12, 0x34, 0x84, 0, 0, 1, 0, answers, 0, 0, 0, additional};
  constexpr std::string_view kQuestion("\3rpz\4test\0\0\xfc\0\1", 14);
  bytes.insert(bytes.end(), kQuestion.begin(), kQuestion.end());
  bytes.insert(bytes.end(), records.begin(), records.end());
  return bytes;
}

constexpr std::string_view kSoa(
    "\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x1c\1a\xc0\x0c\1b\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 40);
constexpr std::string_view kRule("\1a\4test\xc0\x0c\0\5\0\1\0\0\0\x3c\0\1\0", 20);
constexpr std::string_view kTsig(
    "\1k\0\0\xfa\0\xff\0\0\0\0\0\x20\x0bhmac-sha256\0\0\0\x66\0\0\0\1\x2c\0\3abc\x12\x34\0\0\0\0", 45);

const std::vector<support::Bytes> kSeeds{
    message(std::string(kSoa) + std::string(kRule) + std::string(kSoa), 3, 0),
    message(std::string(kSoa) + std::string(kTsig), 1, 1),
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = lists::parse_tsig_key("hmac-sha256:k:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==");
  const ByteView bytes(data, size);
  const auto message = lists::parse_dns_message(bytes);
  if (!message) return 0;
  for (const auto& record : message->answers) check_record(record);
  auto verifier = lists::TsigVerifier::begin(*key, {});
  if (!verifier) std::abort();
  const std::uint64_t now_s = message->tsig ? message->tsig->signed_s : 0;
  if (verifier->take(bytes, *message, now_s)) std::abort();
  return 0;
}
