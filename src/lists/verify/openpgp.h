// SPDX-License-Identifier: Apache-2.0
// What gpgv(1) said of a list and its detached OpenPGP signature, judged. RFC 4880 §5.2; GnuPG doc/DETAILS, "Format of
// the --status-fd output".
//
// gpgv runs in a process of its own (lists/update/openpgp_child.h). Nothing that it prints counts but these status
// lines and its exit status:
//
//   NEWSIG [...]                    begins each signature of the file
//   GOODSIG KEYID USERID            of a key of ours, neither expired nor revoked by gpgv's clock
//   VALIDSIG FPR DATE TIME EXPIRY VERSION 0 ALGORITHM HASH CLASS [PRIMARY]
//   BADSIG · ERRSIG · EXPSIG · EXPKEYSIG · REVKEYSIG · NODATA · UNEXPECTED    why it is refused
//
// gpgv ends with 0 for a key that has expired, so the exit status alone says nothing good.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "lists/verify/minisign.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxOpenPgpStatus = 16384;  // bytes
inline constexpr std::size_t kMaxOpenPgpSignatures = 8;  // of one signature file

struct OpenPgpAnswer {
  int exit_status = -1;           // of gpgv; -1: it did not end by itself
  std::string status;             // what it wrote to its status descriptor
  Nanoseconds clock_realtime_ns;  // the box's clock when it began, by which it knows what has expired
};

// Every signature of the file must be good, over all bytes of the list and by a key of the source; the list is as old
// as the oldest of them. Whether a key has expired gpgv tells by the box's clock, so a clock that stands more than
// kMaxClockBehindNs behind trusted time is an error of its own.
//   out     key_id: the last 8 bytes of the primary key's fingerprint, in the order that format_key_id reverses
//   errors  malformed (no signature) · integrity (other bytes, other key) · refused (expired, revoked, clock) ·
//           unsupported (weak hash or algorithm, signature of a text) · unavailable (gpgv failed or speaks otherwise)
Result<SignedStatement> judge_openpgp(const OpenPgpAnswer& answer, Nanoseconds trusted_now_realtime_ns);

inline constexpr Nanoseconds kMaxClockBehindNs = 24 * 3600 * kNanosecondsPerSecond;

}  // namespace parapet::lists
