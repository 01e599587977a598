// SPDX-License-Identifier: Apache-2.0
// Publishing what the lists say.
#include "lists/update/publishing.h"

#include <algorithm>
#include <utility>

#include "lists/publish/source_store.h"

namespace parapet::lists {

Publishing::Publishing(const config::ControlOptions& options, const digest::Key& key, const Clock& clock,
                       UpdateObserver& observer, std::function<Result<counters::Reading>()> read_counters,
                       GenerationStore generations)
    : options_(&options),
      key_(&key),
      observer_(&observer),
      read_counters_(std::move(read_counters)),
      publisher_(options.snapshot_file, options.state_directory + "/generation", key, clock),
      generations_(std::move(generations)) {}

std::optional<PublishedSnapshot> Publishing::load() {
  remove_unfinished(options_->snapshot_file);
  remove_unfinished(options_->state_directory + "/generation");
  auto published = publisher_.published();
  if (!published) return std::nullopt;
  state_.generation = published->generation;
  state_.realtime_ns = published->created.realtime_ns;
  return std::move(*published);
}

void Publishing::change(std::uint64_t since_realtime_ns, const ChangeWays& ways) noexcept {
  ChangeTimes times;
  if (ways.adds) times.added_realtime_ns = since_realtime_ns;
  if (ways.removes) times.removed_realtime_ns = since_realtime_ns;
  times_.join(times);
  due_ = true;
}

// A list that is in force but was lost from disk must come back from its source before anything else is published:
// a snapshot without it would release its entries.
std::string Publishing::missing_of(std::span<const CompileInput> inputs, std::span<const std::string> sources) const {
  const auto published = publisher_.published();
  if (!published) return {};
  for (const auto& source : sources) {
    const bool is_there = std::ranges::any_of(inputs, [&](const auto& input) { return input.list->name == source; });
    if (!is_there && std::ranges::find(published->list_names, source) != published->list_names.end()) return source;
  }
  return {};
}

void Publishing::note_failure(const Error& error) {
  state_.error_code = name_of(error.code);
  state_.error_context = error.context;
  observer_->on_publication_failed(error);
}

void Publishing::publish_due(std::span<const CompileInput> inputs, std::span<const std::string> sources,
                             const KnownAnswers& answers) {
  if (!due_) return;
  if (const auto missing = missing_of(inputs, sources); !missing.empty()) {
    observer_->on_publication_held(missing);
    return;
  }
  const auto edge = read_counters_();
  const auto self_test = [&](const snapshot::Snapshot& compiled) {
    return check_answers(compiled, inputs, answers, *key_);
  };
  const auto publication =
      publisher_.publish(inputs, edge ? counters::get(edge->header->applied_generation) : 0, self_test);
  if (!publication) return note_failure(publication.error());
  due_ = false;
  state_ = {publication->generation, publication->created_realtime_ns, {}, {}};
  const auto times = std::exchange(times_, {});
  if (!publication->changed) return;
  if (auto status = generations_.keep(publication->generation, publication->created_realtime_ns, inputs); !status) {
    note_failure(status.error().within("keeping the generation"));
  }
  acknowledgements_.expect(publication->generation, times);
  observer_->on_published(*publication);
}

}  // namespace parapet::lists
