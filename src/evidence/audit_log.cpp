// SPDX-License-Identifier: Apache-2.0
// Writing and checking the audit log.
#include "evidence/audit_log.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <vector>

namespace parapet::evidence {
namespace {

constexpr std::size_t kMaxLine = 64 << 10;
constexpr std::size_t kMaxLog = std::size_t{1} << 34;
constexpr std::size_t kHeadSize = 86;

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

// What FILE.head says; sequence 0: an empty log.
struct Head {
  std::uint64_t sequence = 0;
  std::string hash = std::string(64, '0');
};

std::string format_head(std::uint64_t sequence, const LineHash& hash) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020llu ", static_cast<unsigned long long>(sequence));
  return digits + to_hex(hash) + "\n";
}

Result<Head> parse_head(std::string_view text) {
  Head head;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 20), head.sequence);
  const bool fits = text.size() == kHeadSize && error == std::errc{} && end == text.data() + 20 && text[20] == ' ' &&
                    text.back() == '\n';
  if (!fits) return fail(ErrorCode::malformed, "the head of the audit log is none");
  head.hash = text.substr(21, 64);
  return head;
}

Result<Head> read_head(const Fd& fd) {
  char text[kHeadSize + 1];
  const ssize_t got = ::pread(fd.get(), text, sizeof text, 0);
  if (got < 0) return fail_errno("reading the head of the audit log");
  if (got == 0) return Head{};
  return parse_head({text, static_cast<std::size_t>(got)});
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
  Fd head_fd(::open((path + ".head").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!head_fd.valid()) return fail_errno("opening the head of the audit log " + path);
  auto head = read_head(head_fd);
  if (!head) return std::unexpected(head.error().within(path));
  AuditLog log(std::move(fd), std::move(head_fd), clock);
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
  const std::uint64_t last = log.next_sequence_ - 1;
  if (head->sequence > last) {
    log.lost_records_ = head->sequence - last;
  } else if (head->sequence == last && head->hash != to_hex(log.previous_)) {
    log.lost_records_ = 1;
  }
  return log;
}

AuditLog::AuditLog(AuditLog&& other) noexcept
    : fd_(std::move(other.fd_)),
      head_(std::move(other.head_)),
      clock_(other.clock_),
      next_sequence_(other.next_sequence_),
      cut_bytes_(other.cut_bytes_),
      lost_records_(other.lost_records_),
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
  const std::string head = format_head(next_sequence_++, previous_);
  if (::pwrite(head_.get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()) ||
      ::fdatasync(head_.get()) != 0) {
    return fail_errno("writing the head of the audit log");
  }
  return {};
}

Result<std::uint64_t> check_audit_log(const std::string& path) {
  auto log = read_file(path, kMaxLog);
  if (!log) return std::unexpected(log.error());
  auto head = read_file(path + ".head", kHeadSize + 1);
  if (!head) return std::unexpected(head.error());
  return check_audit_text(text_of(*log), text_of(*head));
}

Result<std::uint64_t> check_audit_text(std::string_view log, std::string_view head_text) {
  auto head = parse_head(head_text);
  if (!head) return fail(ErrorCode::integrity, head.error().context);
  LineHash previous{};
  std::uint64_t records = 0;
  bool head_stands = head->sequence == 0;
  while (!log.empty()) {
    const auto end = log.find('\n');
    const auto line = log.substr(0, end);
    const std::string where = "audit log line " + std::to_string(records + 1);
    if (end == std::string_view::npos) return fail(ErrorCode::integrity, where + " is unfinished");
    if (sequence_of(line) != records + 1)
      return fail(ErrorCode::integrity, where + " is not record " + std::to_string(records + 1));
    if (!seals(line, previous)) return fail(ErrorCode::integrity, where + " does not seal the line before it");
    previous = hash_line(line);
    log.remove_prefix(end + 1);
    if (++records == head->sequence) {
      head_stands = to_hex(previous) == head->hash;
      if (!head_stands) return fail(ErrorCode::integrity, where + " is not the one that its head tells of");
    }
  }
  if (!head_stands) {
    return fail(ErrorCode::integrity, "the audit log ends with record " + std::to_string(records) +
                                          "; its head tells of " + std::to_string(head->sequence));
  }
  if (records > head->sequence + 1) {
    return fail(ErrorCode::integrity, "the audit log has " + std::to_string(records) + " records; its head tells of " +
                                          std::to_string(head->sequence));
  }
  return records;
}

}  // namespace parapet::evidence
