// SPDX-License-Identifier: Apache-2.0
// A list that somebody puts into a folder of this box: read whole, and only while nobody writes it.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

// A file that was changed less than this ago is waited for, within the request's deadline.
inline constexpr std::uint64_t kSettleMs = 500;

// The list at request.path and, where request.signature_path is named, its signature. What the file is known by (inode,
// time and size) stands in for an ETag. While it is read a lease keeps writers away; where somebody has it open for
// writing already, it is not read at all.
//   REQUIRES  a single thread, or SIGIO ignored
//   errors  not_found · refused (a symbolic link) · malformed (no regular file) · limit · timeout (it keeps changing) ·
//           unavailable (somebody writes it) · permission (no lease without being its owner or CAP_LEASE) · unsupported
//           (its file system has no leases) · io
Result<FetchOutcome> fetch_dropped(const FetchRequest& request);

// Tells when a file is put into its folder or finished there. inotify(7)
class DropWatch {
 public:
  //   errors  not_found (its folder) · permission · io
  static Result<DropWatch> open(const std::string& path);
  int fd() const noexcept { return fd_.get(); }
  // Takes what was told since; whether any of it was about the file or one beside it that begins with its name.
  bool take_events() const;

 private:
  DropWatch(Fd fd, std::string name) noexcept : fd_(std::move(fd)), name_(std::move(name)) {}
  Fd fd_;
  std::string name_;
};

}  // namespace parapet::lists
