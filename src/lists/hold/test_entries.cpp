// SPDX-License-Identifier: Apache-2.0
// Reading known answers.
#include "lists/hold/test_entries.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text_lines.h"
#include "lists/compile/look_up.h"
#include "lists/fetch/fetch.h"
#include "lists/guard/guard_names.h"
#include "lists/publish/self_test.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxTestFile = 64 << 10;

}  // namespace

Result<std::vector<canon::Entry>> load_test_entries(const std::string& path) {
  std::vector<canon::Entry> entries;
  if (path.empty()) return entries;
  if (auto status = check_secret_file(path, "test entries"); !status) return std::unexpected(status.error());
  auto bytes = read_file(path, kMaxTestFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto rest = text_of(*bytes);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = trim(take_line(rest));
    if (line.empty() || line.front() == '#') continue;
    auto entry = parse_question(line);
    if (!entry) {
      wipe(*bytes);
      return fail(ErrorCode::malformed, path + " line " + std::to_string(number) + " is no URL or host name");
    }
    entries.push_back(std::move(*entry));
  }
  wipe(*bytes);
  return entries;
}

std::vector<std::string> load_top_sites(const config::GuardOptions& options) {
  const auto bytes = read_file(options.directory + "/top_sites.txt", kMaxGuardFile);
  if (!bytes) return {};
  auto names = parse_guard_file(text_of(*bytes));
  if (!names) return {};
  if (names->size() > kMaxTestSites) names->resize(kMaxTestSites);
  return std::move(*names);
}

}  // namespace parapet::lists
