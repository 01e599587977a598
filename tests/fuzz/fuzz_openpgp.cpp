// SPDX-License-Identifier: Apache-2.0
// What gpgv says, a key file and the verifying child's frames. A status is good only where each signature has both of
// its lines, whatever else stands there.
#include <algorithm>
#include <string>

#include "lists/update/openpgp_frames.h"
#include "lists/verify/openpgp.h"
#include "lists/verify/openpgp_key.h"
#include "require.h"

namespace {

using namespace parapet;

constexpr Nanoseconds kNow = 1'795'832'100 * kNanosecondsPerSecond;

// How many lines begin with this keyword.
std::size_t count_lines(std::string_view text, std::string_view keyword) {
  const std::string begin = "[GNUPG:] " + std::string(keyword);
  std::size_t found = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (line == begin || line.starts_with(begin + " ")) ++found;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string status(reinterpret_cast<const char*>(data), size);
  if (const auto judged = lists::judge_openpgp({0, status, kNow}, kNow)) {
    const auto signatures = count_lines(status, "NEWSIG");
    fuzz::require(signatures > 0 && count_lines(status, "GOODSIG") == signatures &&
                  count_lines(status, "VALIDSIG") == signatures && judged->realtime_ns != 0);
    fuzz::require(!lists::judge_openpgp({2, status, kNow}, kNow));
  }
  if (const auto key = lists::parse_openpgp_key({data, size})) {
    const auto again = lists::parse_openpgp_key(*key);  // what is bare stays; a key of ASCII alone reads as armour
    fuzz::require(!again || *again == *key);
  }
  static_cast<void>(lists::parse_openpgp_request({data, size}));
  if (const auto answer = lists::parse_openpgp_reply({data, size})) {
    const auto back = lists::parse_openpgp_reply(lists::format_openpgp_reply(*answer));
    fuzz::require(back && back->status == answer->status && back->exit_status == answer->exit_status);
  }
  return 0;
}
