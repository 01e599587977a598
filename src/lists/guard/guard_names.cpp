// SPDX-License-Identifier: Apache-2.0
// Reading and dating files of names.
#include "lists/guard/guard_names.h"

#include <sys/stat.h>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/file.h"
#include "base/text_lines.h"
#include "canon/host.h"

namespace parapet::lists {
namespace {

constexpr std::array<std::pair<GuardRule, std::string_view>, 6> kFiles{{{GuardRule::top_site, "top_sites.txt"},
                                                                        {GuardRule::shared_host, "shared_hosts.txt"},
                                                                        {GuardRule::resolver, "resolvers.txt"},
                                                                        {GuardRule::hotline, "hotlines.txt"},
                                                                        {GuardRule::certificate, "certificates.txt"},
                                                                        {GuardRule::special_use, "special_use.txt"}}};
constexpr std::size_t kDateLines = 64;  // within which the date must stand

// "2026-11-28..." as nanoseconds since 1970.
std::optional<Nanoseconds> parse_date(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0;
  const auto number = [&](std::size_t at, std::size_t size, auto& value) {
    const auto part = text.substr(at, size);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc{} && end == part.data() + size;
  };
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok() || year < 1970) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return static_cast<Nanoseconds>(days) * 86'400 * kNanosecondsPerSecond;
}

// The date that the file itself gives, or none.
std::optional<Nanoseconds> stated_date(std::string_view text) {
  for (std::size_t i = 0; i < kDateLines && !text.empty(); ++i) {
    const auto line = take_line(text);
    for (const std::string_view title : {"# as of: ", "// VERSION: "}) {
      if (line.starts_with(title)) return parse_date(line.substr(title.size()));
    }
  }
  return std::nullopt;
}

Nanoseconds changed_at(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return static_cast<Nanoseconds>(status.st_mtim.tv_sec) * kNanosecondsPerSecond;
}

bool holds_names(GuardRule rule, std::string_view text) {
  if (rule != GuardRule::public_suffix) {
    const auto names = parse_guard_file(text);
    return names && !names->empty();
  }
  while (!text.empty()) {
    const auto line = trim(take_line(text));
    if (!line.empty() && !line.starts_with("//")) return true;
  }
  return false;
}

class Loader {
 public:
  explicit Loader(Nanoseconds now) : now_(now) {}

  void load(GuardRule rule, const std::string& path) {
    auto bytes = read_file(path, kMaxGuardFile);
    if (!bytes) return problem(bytes.error().context);
    std::string text(text_of(*bytes));
    if (rule != GuardRule::public_suffix) {
      if (const auto parsed = parse_guard_file(text); !parsed) return problem(path + ": " + parsed.error().context);
    }
    if (!holds_names(rule, text)) return problem(path + " holds no name");
    const Nanoseconds dated = stated_date(text).value_or(changed_at(path));
    if (now_ > dated && now_ - dated > kMaxGuardAgeNs) problem(path + " is more than 90 days old");
    names.files.push_back({rule, std::move(text)});
  }

  GuardNames names;

 private:
  void problem(std::string text) { names.problems.push_back(std::move(text)); }
  Nanoseconds now_;
};

}  // namespace

Result<std::vector<std::string>> parse_guard_file(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = take_line(text);
    line = trim(line.substr(0, line.find('#')));
    if (const auto comma = line.find(','); comma != std::string_view::npos) line = trim(line.substr(comma + 1));
    if (line.empty()) continue;
    canon::Host host;
    if (canon::canonicalise_host(bytes_of(line), host) != canon::HostOutcome::ok) {
      return fail(ErrorCode::malformed, "line " + std::to_string(number) + " is no host name");
    }
    names.emplace_back(host.view());
  }
  return names;
}

GuardNames load_guard_names(const config::GuardOptions& options, Nanoseconds trusted_now_realtime_ns) {
  Loader loader(trusted_now_realtime_ns);
  loader.load(GuardRule::public_suffix, options.public_suffix_file);
  for (const auto& [rule, name] : kFiles) loader.load(rule, options.directory + "/" + std::string(name));
  loader.load(GuardRule::own_name, options.own_names_file);
  return std::move(loader.names);
}

}  // namespace parapet::lists
