// SPDX-License-Identifier: Apache-2.0
// `parapet replay`.
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/replay.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Reads capture files (pcap, pcapng; Ethernet, raw IP, PPP, PPPoE, SLL, SLL2, null) through the same code as the\n"
    "edge; needs no rights and no hugepages, and never opens an interface, pipe or device. Each file is a network of "
    "its own.\n"
    "Sides: with --subscriber-prefix, by address; else the client of each flow is the subscriber.\n"
    "Checksums of IPv4, TCP and UDP are taken for right unless --verify-checksums: a capture taken at a sending host\n"
    "holds unfinished ones.\n"
    "A capture goes on behind a stopped request although the edge would have ended the stream: what the client\n"
    "asks on it afterwards is not reported.\n"
    "JSON lines: file, frame (from 1, the one that completed the request), protocol, verdict, entries (ids of this "
    "run\n"
    "alone); with --show-requests also src, sport, dst, dport, host, target, which are personal data.\n"
    "Exit status:\n"
    "  0  every file was read; where one ends early or holds unknown link types, a warning says so\n"
    "  1  some file could not be read at all\n"
    "  2  wrong arguments, or a list that cannot be read\n"
    "Examples:\n"
    "  parapet replay --lists hotline.txt peering.pcapng\n"
    "  parapet replay --json --show-requests *.pcap > requests.jsonl\n"
    "  parapet replay --subscriber-prefix 192.0.2.0/24 --lists hotline.csv tap.pcap\n";

struct ReplayArguments {
  std::vector<std::string> captures;
  std::vector<std::string> lists;
  std::vector<std::string> subscriber_prefixes;
  ListReading reading;
  ReportStyle style;
  bool verify_checksums = false;
};

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t frames = 0;
  counters::WorkerBlock counters{};
};

void say(const std::string& text) { std::cerr << "parapet replay: " << printable(text) << '\n'; }

void add_up(Totals& totals, const ReplayOutcome& outcome) {
  totals.frames += outcome.frames;
  for (std::size_t i = 0; i < kCountOf<FrameReason>; ++i) totals.counters.reasons[i] += outcome.counters.reasons[i];
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    totals.counters.uninspected[i] += outcome.counters.uninspected[i];
  }
}

void print_totals(const Totals& totals, const RequestReport& report, std::size_t entries) {
  std::cout << '\n'
            << with_thousands(totals.files) << (totals.files == 1 ? " file, " : " files, ")
            << with_thousands(totals.frames) << " frames, lists with " << with_thousands(entries) << " entries\n\n";
  TextTable requests({{"requests"}, {"pass", Align::right}, {"block", Align::right}});
  for (const Protocol protocol : {Protocol::http, Protocol::tls, Protocol::quic, Protocol::dns}) {
    requests.add({std::string(name_of(protocol)), with_thousands(report.requests(protocol, Verdict::pass)),
                  with_thousands(report.requests(protocol, Verdict::block))});
  }
  requests.print(std::cout);
  TextTable reasons({{"what becomes of the frames"}, {"frames", Align::right}, {"share", Align::right}});
  for (std::size_t i = 0; i < kCountOf<FrameReason>; ++i) {
    const std::uint64_t count = totals.counters.reasons[i];
    if (count > 0)
      reasons.add({std::string(kFrameReasonNames[i]), with_thousands(count), share_text(count, totals.frames)});
  }
  TextTable uninspected({{"uninspected"}, {"count", Align::right}});
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    const std::uint64_t count = totals.counters.uninspected[i];
    if (count > 0) uninspected.add({std::string(kUninspectedNames[i]), with_thousands(count)});
  }
  for (const TextTable* table : {&reasons, &uninspected}) {
    if (table->empty()) continue;
    std::cout << '\n';
    table->print(std::cout);
  }
}

void replay_file(const std::string& file, const ReplayLists& lists, const ReplayOptions& options, RequestReport& report,
                 Totals& totals) {
  report.begin_file(file);
  auto source = FileSource::open(file);
  auto outcome = source ? replay_capture(*source, source->size(), lists, options, report)
                        : Result<ReplayOutcome>(std::unexpected(source.error()));
  ++totals.files;
  if (!outcome) {
    const auto& context = outcome.error().context;
    say(source ? file + ": " + context : context);
    ++totals.unreadable;
    return;
  }
  for (const auto& warning : outcome->warnings) say(file + ": " + warning);
  add_up(totals, *outcome);
}

ExitCode run(const ReplayArguments& arguments) {
  ReplayOptions options{arguments.verify_checksums, {}};
  for (const auto& text : arguments.subscriber_prefixes) {
    auto prefix = AddressPrefix::parse(text);
    if (!prefix) {
      say(prefix.error().context);
      return ExitCode::usage;
    }
    options.subscribers.push_back(*prefix);
  }
  auto lists = ReplayLists::load(arguments.lists, arguments.reading);
  if (!lists) {
    say(lists.error().context);
    return ExitCode::usage;
  }
  if (arguments.style.show_requests) {
    say("the output holds addresses, names and targets: personal data; keep it no longer than you need it");
  }
  RequestReport report(std::cout, *lists, arguments.style);
  Totals totals;
  for (const auto& file : arguments.captures) replay_file(file, *lists, options, report, totals);
  report.finish();
  if (!arguments.style.json) print_totals(totals, report, lists->entry_count());
  std::cout.flush();
  if (!std::cout) {
    say("the output could not be written");
    return ExitCode::finding;
  }
  return totals.unreadable == 0 ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_replay(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<ReplayArguments>();
  Command command = app.add_command("replay", "which requests does a capture hold, and would they be stopped?");
  command.set_footer(kFooter);
  command.add_option("PCAP", arguments->captures, "capture files").required();
  command.add_option("--lists", arguments->lists,
                     "a list: plain, or csv where its name ends in .csv; may be given again");
  command.add_flag("--bare-host-is-domain", arguments->reading.bare_host_is_domain,
                   "a name in a list stands for all names below it too");
  command.add_flag("--url-is-prefix", arguments->reading.url_is_prefix,
                   "a URL in a list stands for all URLs below it too");
  command.add_flag("--json", arguments->style.json, "one JSON line a request");
  command.add_flag("--show-requests", arguments->style.show_requests, "also who asked for what: personal data");
  command.add_flag("--verify-checksums", arguments->verify_checksums,
                   "believe no frame with a wrong checksum, as the edge does");
  command.add_option("--subscriber-prefix", arguments->subscriber_prefixes,
                     "addresses of subscribers, such as 192.0.2.0/24; may be given again");
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
