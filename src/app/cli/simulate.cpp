// SPDX-License-Identifier: Apache-2.0
// `parapet simulate`: what an update would touch and what the guards would make of it, before it goes live.
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/control_socket.h"
#include "app/cli/list_reading.h"
#include "app/cli/shadow_counts.h"
#include "app/cli/simulation.h"
#include "app/cli/simulation_report.h"
#include "app/cli/text_table.h"
#include "base/file.h"
#include "base/secret.h"
#include "config/toml_table.h"
#include "lists/update/feed_memory.h"

namespace parapet::cli {
namespace {

constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 32;  // as max_size_bytes at most
constexpr std::chrono::seconds kPatience{30};               // parapetd reads it in at most 20 s

constexpr const char* kFooter =
    "Reads FILE, which is a list in clear, as parapetd reads what the source sends (unpacked and decoded likewise; a\n"
    "signature is not looked at), and tells what it would touch: entries by kind, what each protocol can do about\n"
    "them, and each name that no list may stop. A listed name is never shown, nor written anywhere: entries go by "
    "line\n"
    "and, where parapetd answers, by entry id.\n"
    "With --source a running parapetd is asked what its guards would decide against what is in force, and how many\n"
    "requests the list, where it is in shadow, would have stopped. Without FILE that alone is told.\n"
    "Without --config FILE is read as the options say: csv where its name ends in .csv, else plain.\n"
    "Exit status:\n"
    "  0  it would be taken, as far as could be judged; or told\n"
    "  1  it would be held; or it shares less than half of what is in force, so how they differ is not told\n"
    "  2  wrong arguments\n"
    "  3  FILE cannot be read, or would be refused; without FILE: parapetd cannot be reached\n"
    "Examples:\n"
    "  parapet simulate draft.txt --config /etc/parapet/control.toml --source hotline\n"
    "  parapet simulate draft.csv --own-names own_names.txt\n"
    "  parapet simulate draft.txt --source hotline --json | jq '.simulate | {outcome, findings}'\n"
    "  parapet simulate --source hotline                 how much would it have stopped in shadow?\n";

struct SimulateArguments {
  Asking asking{.command = "parapet simulate", .socket = {}, .json = false};
  std::string file, source, config;
  ListReading reading;
  std::string format;
  config::GuardOptions guard;
};

void say(const std::string& text) { std::cerr << "parapet simulate: " << printable(text) << '\n'; }

constexpr std::array kFormats{config::FeedFormat::plain, config::FeedFormat::csv,   config::FeedFormat::hosts,
                              config::FeedFormat::json,  config::FeedFormat::jsonl, config::FeedFormat::rpz};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto format : kFormats) names.emplace_back(config::name_of(format));
  return names;
}

// How FILE is read and which names are guarded.
struct Reading {
  config::SourceOptions source;
  config::GuardOptions guard;
};

Result<Reading> reading_of(const SimulateArguments& arguments, ByteView feed) {
  if (arguments.config.empty()) {
    auto reading = arguments.reading;
    for (const auto format : kFormats) {
      if (config::name_of(format) == arguments.format) reading.format = format;
    }
    auto source = source_options(arguments.source.empty() ? "list" : arguments.source, arguments.file, reading, feed);
    source.max_size_bytes = kMaxFile;
    return Reading{std::move(source), arguments.guard};
  }
  auto bytes = read_file(arguments.config, config::kMaxConfigFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto options = config::parse_control_options(text_of(*bytes), arguments.config);
  if (!options) return std::unexpected(options.error());
  const auto source = std::ranges::find(options->sources, arguments.source, &config::SourceOptions::name);
  if (source == options->sources.end()) {
    return fail(ErrorCode::invalid_config, arguments.config + " has no source of the name given by --source");
  }
  return Reading{*source, options->guard};
}

// The bytes in memory that nobody can change any more, for parapetd's reading child.
Result<lists::FeedMemory> sealed(ByteView feed) {
  auto memory = lists::FeedMemory::create();
  if (!memory) return memory;
  if (auto status = lists::write_feed(memory->fd(), feed); !status) return std::unexpected(status.error());
  if (auto status = memory->seal(); !status) return std::unexpected(status.error());
  return memory;
}

Result<nlohmann::json> ask_parapetd(const SimulateArguments& arguments, ByteView feed) {
  if (arguments.source.empty()) return fail(ErrorCode::unavailable, "no --source is named, so it was not asked");
  const auto memory = sealed(feed);
  if (!memory) return std::unexpected(memory.error());
  return ask_control(arguments.asking.socket, {{"ask", "simulate"}, {"source", arguments.source}}, kPatience,
                     memory->fd());
}

// The source as parapetd's status has it; null where it has none of that name.
nlohmann::json source_of(const nlohmann::json& status, const std::string& name) {
  for (const auto& source : field_at(field_at(status, "status"), "sources")) {
    if (text_at(source, "name") == name) return source;
  }
  return {};
}

ExitCode tell_shadow(const SimulateArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  const auto source = source_of(answer, arguments.source);
  if (source.is_null()) {
    say("parapetd has no source of that name");
    return ExitCode::usage;
  }
  const auto& shadow = field_at(source, "shadow");
  if (print_json(arguments.asking, {{"simulate", {{"source", arguments.source}, {"shadow", shadow}}}})) {
    return ExitCode::ok;
  }
  if (shadow.is_object()) {
    print_shadow_counts(nlohmann::json::array({source}), std::cout);
  } else {
    std::cout << printable(arguments.source) << " is not in shadow, or the edge has not applied it yet\n";
  }
  return ExitCode::ok;
}

ExitCode tell(const SimulateArguments& arguments, const Simulation& simulation, ByteView feed) {
  const auto answer = ask_parapetd(arguments, feed);
  auto report = report_of(simulation, answer ? *answer : nlohmann::json(), answer ? "" : answer.error().context);
  report["file"] = arguments.file;
  report["source"] = arguments.source;
  nlohmann::json source;
  if (answer) {
    if (const auto status = ask_control(arguments.asking.socket, {{"ask", "status"}})) {
      source = source_of(*status, arguments.source);
    }
  }
  report["shadow"] = field_at(source, "shadow");
  if (!print_json(arguments.asking, {{"simulate", report}})) {
    std::cout << printable(arguments.file) << ": " << with_thousands(simulation.entries) << " entries\n";
    print_report(report, std::cout);
    print_shadow_counts(nlohmann::json::array({source}), std::cout);
  }
  return exit_of(report);
}

ExitCode run_file(const SimulateArguments& arguments, ByteView feed) {
  const auto reading = reading_of(arguments, feed);
  if (!reading) {
    say(reading.error().context);
    return ExitCode::usage;
  }
  const auto simulation = simulate(feed, reading->source, reading->guard, SystemClock().realtime_ns());
  if (!simulation) {
    say(arguments.file + ": " + simulation.error().context);
    return ExitCode::unavailable;
  }
  return tell(arguments, *simulation, feed);
}

ExitCode run(const SimulateArguments& arguments) {
  if (arguments.file.empty() && arguments.source.empty()) {
    say("expected FILE or --source");
    return ExitCode::usage;
  }
  if (!arguments.config.empty() && arguments.source.empty()) {
    say("--config goes with --source");
    return ExitCode::usage;
  }
  if (arguments.file.empty()) return tell_shadow(arguments);
  if (auto status = deny_core_dumps(); !status) {
    say(status.error().context);
    return ExitCode::unavailable;
  }
  auto feed = read_file(arguments.file, kMaxFile);
  if (!feed) {
    say(feed.error().context);
    return ExitCode::unavailable;
  }
  const auto exit = run_file(arguments, *feed);
  wipe(*feed);
  return exit;
}

}  // namespace

void add_simulate(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<SimulateArguments>();
  Command command = app.add_command("simulate", "what would an update touch, and would it be held?");
  command.set_footer(kFooter);
  command.add_option("FILE", arguments->file, "the update, a list in clear");
  command.add_option("--source", arguments->source, "whose update it is: parapetd judges it too");
  command.add_option("--config", arguments->config, "control.toml, which says how that source is read, and the guards");
  command.add_option("--format", arguments->format, "without --config: how FILE is written").one_of(format_names());
  command.add_flag("--bare-host-is-domain", arguments->reading.bare_host_is_domain,
                   "without --config: a name stands for all names below it too");
  command.add_flag("--url-is-prefix", arguments->reading.url_is_prefix,
                   "without --config: a URL stands for all URLs below it too");
  command.add_option("--guard", arguments->guard.directory, "without --config: the folder of guard data")
      .show_default();
  command
      .add_option("--public-suffixes", arguments->guard.public_suffix_file, "without --config: the public suffix list")
      .show_default();
  command.add_option("--own-names", arguments->guard.own_names_file, "without --config: the operator's own names")
      .show_default();
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
