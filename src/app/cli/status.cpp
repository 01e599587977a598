// SPDX-License-Identifier: Apache-2.0
// `parapet status`.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/commands.h"
#include "app/cli/control_socket.h"
#include "app/cli/status_report.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Reads the edge's counters (since its start) and asks parapetd where it answers.\n"
    "Exit status:\n"
    "  0  the edge runs and nothing is wrong\n"
    "  1  the edge runs, and there are warnings\n"
    "  2  wrong arguments\n"
    "  3  the edge does not run, or its counters cannot be read\n"
    "Examples:\n"
    "  parapet status\n"
    "  parapet status --json | jq .edge.traffic.requests\n";

struct StatusArguments {
  std::string counters = "/run/parapet/edge.counters";
  std::string socket = kControlSocket;
  bool json = false;
};

StatusReport take_report(const StatusArguments& arguments) {
  StatusReport report;
  report.now = look_around();
  if (auto control = ask_control(arguments.socket, {{"ask", "status"}})) {
    report.control = field_at(*control, "status");
    report.warnings = find_scope_warnings(*report.control);
  } else {
    report.control_error = control.error().context;
  }
  auto reading = counters::read_counters(arguments.counters);
  if (!reading) {
    report.edge_error = reading.error().context;
    return report;
  }
  report.edge = std::move(*reading);
  report.edge_runs = edge_runs(*report.edge->header, report.now);
  if (report.edge_runs) report.warnings = find_warnings(*report.edge, report.control, report.now);
  return report;
}

ExitCode run(const StatusArguments& arguments) {
  const StatusReport report = take_report(arguments);
  if (arguments.json) {
    std::cout << format_json(report).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  } else {
    print_text(report, std::cout);
  }
  if (!report.edge_runs) return ExitCode::unavailable;
  return report.warnings.empty() ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_status(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<StatusArguments>();
  Command command = app.add_command("status", "is the edge well, and what has it done?");
  command.set_footer(kFooter);
  command.add_flag("--json", arguments->json, "for programs");
  command.add_option("--counters", arguments->counters, "the edge's counter file").show_default();
  command.add_option("--socket", arguments->socket, "parapetd's socket").show_default();
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
