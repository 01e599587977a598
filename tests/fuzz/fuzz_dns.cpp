// SPDX-License-Identifier: Apache-2.0
// DNS messages: each question that is handed out is a whole name within its bounds.

#include "message_builder.h"
#include "packet/extract/dns_questions.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using fuzz::require;

support::Bytes with_pointer() {
  support::Bytes rest = support::dns_question("www.example.test");
  support::append(rest, support::Bytes{4, 'm', 'a', 'i', 'l', 0xc0, 16, 0, 65, 0, 1});
  return support::dns_message(0x0100, 2, rest);
}
const support::Bytes kSeeds[] = {support::dns_query("www.example.test"), with_pointer()};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  DnsQuestions questions;
  const DnsOutcome outcome = read_dns_questions({data, size}, questions);
  require(questions.count <= DnsQuestions::kMax);
  require((outcome == DnsOutcome::query) ? questions.count > 0 : true);
  require(outcome != DnsOutcome::not_query || questions.count == 0);
  for (std::size_t i = 0; i < questions.count; ++i) {
    const ByteView name = questions.questions[i].view();
    std::size_t at = 0;
    while (at < name.size()) {
      require(name[at] >= 1 && name[at] <= 63);
      at += std::size_t{name[at]} + 1;
    }
    require(at == name.size() && at <= 254);
  }
  return 0;
}
