// SPDX-License-Identifier: Apache-2.0
// Writing and checking the audit log.
#include "evidence/audit_log.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <vector>

namespace parapet::evidence {
namespace {

constexpr std::size_t kMaxLine = 64 << 10;
constexpr std::size_t kMaxLog = std::size_t{1} << 34;

std::string to_hex(const LineHash& hash) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : hash) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string format_time(Nanoseconds realtime_ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(realtime_ns / kNanosecondsPerSecond),
                static_cast<unsigned long long>(realtime_ns % kNanosecondsPerSecond / 1000));
  return text;
}

// The sequence number of a record; 0 where the line is none.
std::uint64_t sequence_of(std::string_view line) {
  constexpr std::string_view kBegin = "{\"seq\":";
  if (!line.starts_with(kBegin) || !line.ends_with('}')) return 0;
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(line.data() + kBegin.size(), line.data() + line.size(), sequence);
  return error == std::errc{} && *end == ',' ? sequence : 0;
}

bool seals(std::string_view line, const LineHash& previous) {
  return line.ends_with(",\"prev\":\"" + to_hex(previous) + "\"}");
}

Status write_all(const Fd& fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("writing the audit log");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The end of the file, from the last line but an unfinished one.
struct Tail {
  std::string last_line;         // without its line feed; empty: none
  std::uint64_t whole_size = 0;  // bytes up to the last line feed
};

Result<Tail> read_tail(const Fd& fd, std::uint64_t size) {
  const std::uint64_t want = std::min<std::uint64_t>(size, 2 * kMaxLine);
  std::string text(static_cast<std::size_t>(want), '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), static_cast<off_t>(size - want));
  if (got != static_cast<ssize_t>(text.size())) return fail_errno("reading the audit log");
  const auto last_feed = text.rfind('\n');
  if (last_feed == std::string::npos) {
    if (want < size) return fail(ErrorCode::malformed, "the audit log ends in a line that is too long");
    return Tail{};
  }
  const auto before = last_feed == 0 ? std::string::npos : text.rfind('\n', last_feed - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return Tail{text.substr(begin, last_feed - begin), size - want + last_feed + 1};
}

}  // namespace

LineHash hash_line(std::string_view line) noexcept {
  LineHash hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(line.data()), line.size(),
                     nullptr, 0);
  return hash;
}

Result<AuditLog> AuditLog::open(const std::string& path, const Clock& clock) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno("opening the audit log " + path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading the audit log " + path);
  auto tail = read_tail(fd, static_cast<std::uint64_t>(status.st_size));
  if (!tail) return std::unexpected(tail.error());
  AuditLog log(std::move(fd), clock);
  log.cut_bytes_ = static_cast<std::uint64_t>(status.st_size) - tail->whole_size;
  if (log.cut_bytes_ > 0 && ::ftruncate(log.fd_.get(), static_cast<off_t>(tail->whole_size)) != 0) {
    return fail_errno("cutting the unfinished line of the audit log " + path);
  }
  if (tail->whole_size > 0) {
    const std::uint64_t sequence = sequence_of(tail->last_line);
    if (sequence == 0) return fail(ErrorCode::malformed, "the last line of the audit log " + path + " is no record");
    log.next_sequence_ = sequence + 1;
    log.previous_ = hash_line(tail->last_line);
  }
  return log;
}

AuditLog::AuditLog(AuditLog&& other) noexcept
    : fd_(std::move(other.fd_)),
      clock_(other.clock_),
      next_sequence_(other.next_sequence_),
      cut_bytes_(other.cut_bytes_),
      previous_(other.previous_) {}

Status AuditLog::append(std::string_view type, std::initializer_list<LogField> fields) {
  const std::lock_guard lock(mutex_);
  std::string line = "{\"seq\":" + std::to_string(next_sequence_) + ",\"time\":" + format_time(clock_->realtime_ns());
  append_json_field(line, "type", type);
  for (const auto& field : fields) append_json_field(line, field.name, field.value);
  line += ",\"prev\":\"" + to_hex(previous_) + "\"}";
  if (auto status = write_all(fd_, line + "\n"); !status) return status;
  if (::fdatasync(fd_.get()) != 0) return fail_errno("syncing the audit log");
  previous_ = hash_line(line);
  ++next_sequence_;
  return {};
}

Result<std::uint64_t> check_audit_log(const std::string& path) {
  auto bytes = read_file(path, kMaxLog);
  if (!bytes) return std::unexpected(bytes.error());
  auto rest = text_of(*bytes);
  LineHash previous{};
  std::uint64_t records = 0;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    const std::string where = "audit log line " + std::to_string(records + 1);
    if (end == std::string_view::npos) return fail(ErrorCode::integrity, where + " is unfinished");
    if (sequence_of(line) != records + 1)
      return fail(ErrorCode::integrity, where + " is not record " + std::to_string(records + 1));
    if (!seals(line, previous)) return fail(ErrorCode::integrity, where + " does not seal the line before it");
    previous = hash_line(line);
    rest.remove_prefix(end + 1);
    ++records;
  }
  return records;
}

}  // namespace parapet::evidence
