// SPDX-License-Identifier: Apache-2.0
// Files of waiting reports.
#include "lists/report/outbox.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "lists/publish/keyed_file.h"
#include "lists/publish/source_store.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kNumberDigits = 20;

std::string file_name_of(const WaitingReport& report) {
  char number[kNumberDigits + 1];
  std::snprintf(number, sizeof number, "%020llu", static_cast<unsigned long long>(report.number));
  return std::string(number) + "-" + std::to_string(static_cast<unsigned>(report.event)) + "-" +
         std::string(name_of(report.event)) + ".json";
}

std::optional<WaitingReport> report_of(const std::string& file_name) {
  WaitingReport report;
  const auto [end, error] = std::from_chars(file_name.data(), file_name.data() + file_name.size(), report.number);
  if (error != std::errc{}) return std::nullopt;
  for (std::size_t event = 0; event < kSuspensionEvents; ++event) {
    report.event = static_cast<SuspensionEvent>(event);
    if (file_name_of(report) == file_name) return report;
  }
  return std::nullopt;
}

}  // namespace

std::string Outbox::path_of(const WaitingReport& report) const { return folder_ + "/" + file_name_of(report); }

Status Outbox::put(const WaitingReport& report, std::string_view text) const {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(folder_).parent_path(), ignored);
  if (auto status = make_private_folder(folder_); !status) return status;
  if (waiting().size() >= kMaxWaitingReports) {
    return fail(ErrorCode::limit, std::to_string(kMaxWaitingReports) + " reports wait in " + folder_ + " already");
  }
  remove_unfinished(path_of(report));
  return replace_file(path_of(report), bytes_of(text), 0600);
}

std::vector<WaitingReport> Outbox::waiting() const {
  std::vector<WaitingReport> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    if (const auto report = report_of(entry.path().filename().string())) found.push_back(*report);
  }
  std::ranges::sort(found, {}, file_name_of);
  return found;
}

Result<std::string> Outbox::read(const WaitingReport& report) const {
  const auto bytes = read_file(path_of(report), kMaxReport);
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(text_of(*bytes));
}

Status Outbox::remove(const WaitingReport& report) const { return remove_file(path_of(report)); }

}  // namespace parapet::lists
