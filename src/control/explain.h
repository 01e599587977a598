// SPDX-License-Identifier: Apache-2.0
// Which entries stop a URL. Rate limited, and every answer leaves a record with the entry ids, never the URL.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "evidence/audit_log.h"
#include "lists/compile/compile.h"
#include "lists/compile/look_up.h"
#include "lists/update/updater.h"

namespace parapet::control {

// So many questions a minute; unused ones are kept up to one minute's worth.  thread: one
class RateLimit {
 public:
  RateLimit(std::uint32_t per_minute, const Clock& clock)
      : per_minute_(per_minute), clock_(clock), allowance_(per_minute), last_ns_(clock.monotonic_ns()) {}
  bool take();

 private:
  double per_minute_;
  const Clock& clock_;
  double allowance_;
  Nanoseconds last_ns_;
};

struct Explained {
  lists::Hit hit;
  std::string list;
  config::SourceState state;
  bool lifted = false;       // not enforced: suspended, or what people allowed has ended
  std::uint32_t ends_s = 0;  // the entry or its list, whichever does first; seconds since 1970; 0: neither
  bool for_some = false;     // the list is not for every subscriber
};

struct Explanation {
  Generation generation = 0;  // whose lists these are
  std::vector<Explained> matches;
};

// thread: one
class Explainer {
 public:
  // The lists in force at a time; nothing: now.
  using ReadLists = std::function<Result<lists::ListsThen>(std::optional<Nanoseconds> at_realtime_ns)>;

  Explainer(std::uint32_t per_minute, const digest::Key& key, const Clock& clock, evidence::AuditLog& audit,
            ReadLists read_lists)
      : limit_(per_minute, clock), key_(key), audit_(audit), read_lists_(std::move(read_lists)) {}

  //   errors  refused (rate) · invalid_argument (no URL) · not_found (nothing of that time is kept) ·
  //           io (no record could be made: then no answer either)
  Result<Explanation> explain(std::string_view url, std::optional<Nanoseconds> at_realtime_ns = {});
  // The same by the code that a person was given who was stopped.
  Result<Explanation> explain_appeal(std::string_view code);

 private:
  using LookUp = std::function<std::vector<lists::Hit>(const lists::DigestedList&)>;
  Status take_turn();
  static Result<Explanation> recorded(Status status, Explanation explanation);
  Result<Explanation> explain_by(const LookUp& look_up, std::optional<Nanoseconds> at_realtime_ns) const;

  RateLimit limit_;
  const digest::Key& key_;
  evidence::AuditLog& audit_;
  ReadLists read_lists_;
};

}  // namespace parapet::control
