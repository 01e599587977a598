// SPDX-License-Identifier: Apache-2.0
// parapetd: the control plane.
#include <sys/stat.h>
#include <algorithm>
#include <csignal>
#include <memory>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/secret.h"
#include "command_line/command.h"
#include "config/control_options.h"
#include "config/toml_table.h"
#include "control/answers.h"
#include "control/configuration_record.h"
#include "control/explain.h"
#include "control/recorder.h"
#include "control/reveal.h"
#include "control/simulator.h"
#include "control/socket_server.h"
#include "counters/reader.h"
#include "digest/key.h"
#include "evidence/audit_log.h"
#include "lists/update/entry_joiner.h"
#include "lists/update/fetching_child.h"
#include "lists/update/joining_child.h"
#include "lists/update/openpgp_child.h"
#include "lists/update/reading_child.h"
#include "lists/update/updater.h"
#include "metrics/metrics_server.h"

namespace parapet {
namespace {

constexpr std::uint64_t kFirstAttemptMs = 30'000;  // then READY is told without a list

constexpr const char* kExamples =
    "Examples:\n"
    "  parapetd --config /etc/parapet/control.toml     run, with the log on standard error\n"
    "  parapet config check /etc/parapet/control.toml  check the configuration without running\n"
    "  parapet status                                  ask a running parapetd how it is\n";

sigset_t block_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// The configuration, and the file that says so.
struct Loaded {
  std::string path;
  std::string text;
  config::ControlOptions options;
};

Result<Loaded> load_configuration(const std::string& path) {
  auto bytes = read_file(path, config::kMaxConfigFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto options = config::parse_control_options(text_of(*bytes), path);
  if (!options) return std::unexpected(options.error());
  return Loaded{path, std::string(text_of(*bytes)), std::move(*options)};
}

// True when it is time to end.
bool wait_for_signal(const sigset_t& signals, long milliseconds) {
  const timespec pause{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  const int number = ::sigtimedwait(&signals, nullptr, &pause);
  if (number == SIGHUP) log_event(LogLevel::warn, "reload_needs_restart");
  return number == SIGTERM || number == SIGINT;
}

std::vector<std::string> names_of(const config::ControlOptions& options) {
  std::vector<std::string> names;
  for (const auto& source : options.sources) names.push_back(source.name);
  return names;
}

// Ready once every source was tried, or after a while, so that a silent source does not keep the others from being
// used.
void run_until_signalled(lists::Updater& updater, const sigset_t& signals, const Clock& clock) {
  const Nanoseconds patience_ends = clock.monotonic_ns() + kFirstAttemptMs * 1'000'000;
  while (clock.monotonic_ns() < patience_ends && !updater.wait_for_first_attempts_ms(100)) {
    if (wait_for_signal(signals, 0)) return;
  }
  notify_ready("polling");
  while (!wait_for_signal(signals, 60'000)) {
  }
}

// Opens the archive, and wraps what it has for the current key. nullptr: none is kept.
Result<std::unique_ptr<const lists::Archive>> open_archive(const config::ControlOptions& options) {
  if (options.archive_key_file.empty()) return nullptr;
  auto current = lists::ArchiveKey::load_or_create(options.archive_key_file);
  if (!current) return std::unexpected(current.error());
  lists::ArchiveKeys keys{std::move(*current), {}};
  for (const auto& path : options.archive_old_key_files) {
    auto old = lists::ArchiveKey::load(path);
    if (!old) return std::unexpected(old.error());
    keys.old.push_back(std::move(*old));
  }
  auto archive = lists::Archive::open(options.state_directory, std::move(keys));
  if (!archive) return std::unexpected(archive.error());
  const auto count = archive->reseal();
  if (!count) return std::unexpected(count.error());
  if (count->resealed + count->closed > 0) {
    log_event(count->closed > 0 ? LogLevel::warn : LogLevel::info, "archive_resealed",
              {{"resealed", count->resealed}, {"closed", count->closed}});
  }
  return std::make_unique<const lists::Archive>(std::move(*archive));
}

// Opens the audit log and records the start, and what is configured otherwise than at the last one.
Result<evidence::AuditLog> open_audit(const Loaded& loaded, const digest::Key& key, const Clock& clock) {
  const auto& folder = loaded.options.state_directory;
  auto audit = evidence::AuditLog::open(folder + "/audit.jsonl", clock);
  if (!audit) return audit;
  auto status = audit->append(
      "start",
      {{"version", PARAPET_VERSION}, {"cut_bytes", audit->cut_bytes()}, {"lost_records", audit->lost_records()}});
  if (status) status = control::record_configuration(loaded.text, loaded.path, folder, key, *audit);
  if (!status) return std::unexpected(status.error());
  return audit;
}

Status serve(const Loaded& loaded, const sigset_t& signals) {
  const SystemClock clock;
  const auto& options = loaded.options;
  if (auto status = lists::make_private_folder(options.state_directory); !status) return status;
  auto key = digest::StoredKey::load_or_create(options.digest_key_file);
  if (!key) return std::unexpected(key.error());
  auto state = lists::UpdaterState::open(options.state_directory, key->key());
  if (!state) return std::unexpected(state.error());
  auto archive = open_archive(options);
  if (!archive) return std::unexpected(archive.error());
  auto audit = open_audit(loaded, key->key(), clock);
  if (!audit) return std::unexpected(audit.error());
  auto stop = lists::StopSignal::make();
  if (!stop) return std::unexpected(stop.error());

  const auto& digest_key = key->key();
  const auto read_counters = [&] { return counters::read_counters(options.counters_file); };
  const auto read_source = [&](const lists::PollRequest& request, const lists::StopSignal& signal) {
    return lists::read_source("/proc/self/exe", request, digest_key, signal);
  };

  const auto send_report = [](const config::SourceOptions& source, std::string_view report,
                              const lists::StopSignal& signal) {
    return lists::send_report("/proc/self/exe", source, report, signal);
  };
  const auto join_entries = [](const lists::JoinRequest& request, const lists::StopSignal& signal) {
    return lists::join_entries("/proc/self/exe", request, signal);
  };

  std::unique_ptr<lists::Updater> updater;
  metrics::MetricsServer metrics({clock, names_of(options), [&] { return updater->status(); }, read_counters});
  control::Recorder recorder(*audit, [&](const lists::Applied& applied) { metrics.observe(applied); });
  updater =
      std::make_unique<lists::Updater>(options,
                                       lists::UpdaterNeeds{digest_key, clock, recorder, read_source, read_counters,
                                                           archive->get(), send_report, join_entries},
                                       std::move(*state), std::move(*stop));
  const auto read_lists = [&](std::optional<Nanoseconds> at) { return updater->lists_at(at); };
  control::Explainer explainer(options.explain_per_minute, digest_key, clock, *audit, read_lists);
  const auto read_status = [&] {
    return control::ControlStatus{updater->status(), read_counters(), digest::key_id(digest_key), clock.realtime_ns(),
                                  clock.monotonic_ns()};
  };
  control::Revealer revealer(archive->get(), options.approvers, *audit, clock);
  auto simulation_stop = lists::StopSignal::make();
  if (!simulation_stop) return std::unexpected(simulation_stop.error());
  const auto read_given = [&](const lists::PollRequest& request, int memory) {
    const auto allowance_ms = std::min<std::uint64_t>(request.source.read_deadline_ms, control::kSimulationAllowanceMs);
    return lists::read_given("/proc/self/exe", request, memory, allowance_ms, digest_key, *simulation_stop);
  };
  control::Simulator simulator(options, *updater, clock, *audit, read_given);
  const control::AnswerNeeds answer_needs{read_status, explainer, options, updater.get(), &revealer, &simulator};

  auto socket = control::SocketServer::open(options.socket, options.operator_group);
  if (!socket) return std::unexpected(socket.error());
  if (!options.metrics_address.empty()) {
    if (auto status = metrics.listen(options.metrics_address); !status) return status;
  }
  updater->load();
  socket->serve(
      [&](std::string_view line, const Fd& passed) { return control::answer_question(line, answer_needs, passed); });
  updater->run();
  run_until_signalled(*updater, signals, clock);
  notify_stopping();
  simulation_stop->raise();
  socket->stop();
  metrics.close();
  updater->stop();
  return audit->append("stop");
}

int run(const std::string& config_path) {
  const sigset_t signals = block_signals();
  ::umask(077);
  open_log("parapetd", LogLevel::info);
  if (auto status = deny_core_dumps(); !status) {
    log_error("start_failed", status.error());
    return 1;
  }
  auto loaded = load_configuration(config_path);
  if (!loaded) {
    log_error("start_failed", loaded.error());
    return 2;
  }
  set_log_level(loaded->options.log_level);
  log_event(LogLevel::info, "start", {{"version", PARAPET_VERSION}, {"sources", loaded->options.sources.size()}});
  if (auto status = serve(*loaded, signals); !status) {
    log_error("start_failed", status.error());
    return 1;
  }
  log_event(LogLevel::info, "stop");
  return 0;
}

}  // namespace
}  // namespace parapet

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == parapet::lists::kFetchingChildArgument) return parapet::lists::run_fetching_child();
  if (what == parapet::lists::kOpenPgpChildArgument) return parapet::lists::run_openpgp_child();
  if (what == parapet::lists::kReadingChildArgument) return parapet::lists::run_reading_child();
  if (what == parapet::lists::kJoiningChildArgument) return parapet::lists::run_joining_child();
  parapet::command_line::CommandLine line("parapetd pulls the lists, checks them and publishes them to parapet-edge.",
                                          "parapetd");
  std::string config_path;
  line.root().add_option("--config", config_path, "the configuration, control.toml").required();
  line.root().set_footer(parapet::kExamples);
  if (const auto status = line.parse(argc, argv)) return *status;
  return parapet::run(config_path);
}
