// SPDX-License-Identifier: Apache-2.0
// The audit log: what was decided about lists and who was told, in lines that each seal the one before.
//
//   {"seq":7,"time":1790000000.123456,"type":"published",...,"prev":"64 hexadecimal digits"}
//
// prev is the BLAKE2b-256 of the line before, without its line feed; zeros in the first. A line changed, left out or
// put in breaks the chain from there on. Types and fields are those of docs/schema.json; none can hold a name or an
// address.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/result.h"

namespace parapet::evidence {

using LineHash = std::array<std::uint8_t, 32>;

LineHash hash_line(std::string_view line) noexcept;

// thread: any
class AuditLog {
 public:
  // Goes on where the file ends. A last line that a crash left unfinished is cut off; cut_bytes() says so.
  //   errors  permission · io · malformed (the last whole line is no record)
  static Result<AuditLog> open(const std::string& path, const Clock& clock);
  AuditLog(AuditLog&& other) noexcept;

  // Appends one record and has it on disk when it returns.
  Status append(std::string_view type, std::initializer_list<LogField> fields = {});

  std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  std::uint64_t cut_bytes() const noexcept { return cut_bytes_; }

 private:
  AuditLog(Fd fd, const Clock& clock) noexcept : fd_(std::move(fd)), clock_(&clock) {}
  Fd fd_;
  const Clock* clock_;
  std::mutex mutex_;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t cut_bytes_ = 0;
  LineHash previous_{};
};

// Checks a whole log.
//   out     the number of records
//   errors  integrity, naming the line · io · not_found
Result<std::uint64_t> check_audit_log(const std::string& path);

}  // namespace parapet::evidence
