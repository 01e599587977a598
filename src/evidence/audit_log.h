// SPDX-License-Identifier: Apache-2.0
// The audit log: what was decided about lists and who was told, in lines that each seal the one before.
//
//   {"seq":7,"time":1790000000.123456,"type":"published",...,"prev":"64 hexadecimal digits"}
//
// prev is the BLAKE2b-256 of the line before, without its line feed; zeros in the first. A line changed, left out or
// put in breaks the chain from there on. Beside the log stands its head, FILE.head: number and hash of the last record,
// so that a changed last line and a log cut off between two lines show, too. Types and fields are those of
// docs/schema.json; none can hold a name or an address.
//
//   head  one line of 86 bytes: 20 digits, a blank, 64 hexadecimal digits, a line feed
//
// Who may write both files can make both anew; what was sent elsewhere shows that.
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
  // Goes on where the file ends. A last line that a crash left unfinished is cut off; cut_bytes() says so. Records that
  // its head knows and that are not there any more, or not as they were, are told by lost_records().
  //   errors  permission · io · malformed (the last whole line is no record, or the head is none)
  static Result<AuditLog> open(const std::string& path, const Clock& clock);
  AuditLog(AuditLog&& other) noexcept;

  // Appends one record and has it on disk when it returns.
  Status append(std::string_view type, std::initializer_list<LogField> fields = {});

  std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  std::uint64_t cut_bytes() const noexcept { return cut_bytes_; }
  std::uint64_t lost_records() const noexcept { return lost_records_; }

 private:
  AuditLog(Fd fd, Fd head, const Clock& clock) noexcept : fd_(std::move(fd)), head_(std::move(head)), clock_(&clock) {}
  Fd fd_;
  Fd head_;
  const Clock* clock_;
  std::mutex mutex_;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t cut_bytes_ = 0;
  std::uint64_t lost_records_ = 0;
  LineHash previous_{};
};

// Checks a whole log and that it is the one its head tells of. One record more than in the head is what a crash leaves.
//   out     the number of records
//   errors  integrity, naming the line · io · not_found
Result<std::uint64_t> check_audit_log(const std::string& path);
Result<std::uint64_t> check_audit_text(std::string_view log, std::string_view head);

}  // namespace parapet::evidence
