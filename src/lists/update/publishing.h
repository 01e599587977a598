// SPDX-License-Identifier: Apache-2.0
// The end of the list's way: compile, self-test, publish, keep the generation, hear from the edge that it applied it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/control_options.h"
#include "counters/reader.h"
#include "digest/key.h"
#include "lists/guard/change.h"
#include "lists/publish/generation_store.h"
#include "lists/publish/publisher.h"
#include "lists/publish/self_test.h"
#include "lists/update/acknowledgement.h"
#include "lists/update/observer.h"

namespace parapet::lists {

struct PublishedState {
  Generation generation = 0;
  std::uint64_t realtime_ns = 0;
  std::string error_code;  // empty: the last one went well
  std::string error_context;
};

// thread: callers take turns.  All references must outlive it.
class Publishing {
 public:
  Publishing(const config::ControlOptions& options, const digest::Key& key, const Clock& clock,
             UpdateObserver& observer, std::function<Result<counters::Reading>()> read_counters,
             GenerationStore generations);

  // Removes what a killed process left and learns what stands there; nothing: there is no snapshot.
  std::optional<PublishedSnapshot> load();

  // Something changed at that time, these ways: publish_due() has work until it went well.
  void change(std::uint64_t since_realtime_ns, const ChangeWays& ways) noexcept;
  bool is_due() const noexcept { return due_; }
  bool clock_has_moved() const { return publisher_.clock_has_moved(); }
  //   answers  the known answers for these lists
  //   sources  the names of all that are not off, with or without a list
  void publish_due(std::span<const CompileInput> inputs, std::span<const std::string> sources,
                   const KnownAnswers& answers);

  bool waits_for_edge() const noexcept { return acknowledgements_.waiting(); }
  std::optional<Applied> take_applied(const counters::Header& edge) { return acknowledgements_.take(edge); }

  const PublishedState& state() const noexcept { return state_; }
  const GenerationStore& generations() const noexcept { return generations_; }

 private:
  std::string missing_of(std::span<const CompileInput> inputs, std::span<const std::string> sources) const;
  void note_failure(const Error& error);

  const config::ControlOptions* options_;
  const digest::Key* key_;
  UpdateObserver* observer_;
  std::function<Result<counters::Reading>()> read_counters_;
  Publisher publisher_;
  GenerationStore generations_;
  Acknowledgements acknowledgements_;
  PublishedState state_;
  bool due_ = false;
  ChangeTimes times_;  // of what is due
};

}  // namespace parapet::lists
