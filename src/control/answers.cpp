// SPDX-License-Identifier: Apache-2.0
// JSON of the control socket: status and explain.
#include "control/answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "control/decisions.h"
#include "control/question.h"
#include "lists/compile/entry_id.h"
#include "lists/compile/ledger.h"
#include "metrics/edge_metrics.h"

namespace parapet::control {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(std::uint64_t realtime_ns) { return static_cast<double>(realtime_ns) / 1e9; }

std::string hex_of(const digest::KeyId& id) { return lists::format_entry_id(EntryId{load_be64(id.data())}); }

Json ledger_json(const lists::Ledger& ledger) {
  Json json = Json::object();
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    for (std::size_t how = 0; how < lists::kEnforceabilities; ++how) {
      json[std::string(kProtocolNames[protocol])]
          [std::string(lists::name_of(static_cast<lists::Enforceability>(how)))] = ledger.by_protocol[protocol][how];
    }
  }
  return json;
}

Json findings_json(const lists::Findings& findings) {
  Json json = Json::array();
  for (const auto& finding : findings) {
    Json one{{"rule", lists::name_of(finding.rule)}, {"count", finding.count}, {"note", finding.note}};
    one["entry_ids"] = Json::array();
    for (const EntryId id : finding.entries) one["entry_ids"].push_back(lists::format_entry_id(id));
    json.push_back(std::move(one));
  }
  return json;
}

Json held_json(const lists::HeldStatus& held) {
  return {{"subject", approval::format_subject(held.subject)},
          {"since", seconds_of(held.since_realtime_ns)},
          {"entries", held.entries},
          {"findings", findings_json(held.findings)},
          {"withdrawal", held.withdrawal},
          {"people_needed", held.people_needed},
          {"approved_by", held.approved_by},
          {"waited_s", held.waited_s},
          {"wait_s", held.wait_s}};
}

Json hits_json(const lists::HitCount& count) {
  Json requests = Json::object();
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    requests[std::string(kProtocolNames[protocol])] = count.requests[protocol];
  }
  return {{"since", seconds_of(count.since_realtime_ns)},
          {"generation", count.generation},
          {"requests", std::move(requests)}};
}

Json shadow_json(const lists::ShadowCount& count) {
  auto json = hits_json(count.all);
  json["version"] = hits_json(count.version);
  json["version"]["sequence"] = count.sequence;
  return json;
}

Json source_json(const lists::SourceStatus& source) {
  Json json{{"name", source.name},
            {"state", config::name_of(source.state)},
            {"configured_state", config::name_of(source.configured_state)},
            {"in_scope", source.in_scope},
            {"loaded", source.loaded},
            {"sequence", source.sequence},
            {"entries", Json::object()},
            {"ledger", ledger_json(source.ledger)},
            {"lifted", source.lifted},
            {"ended", source.ledger.ended},
            {"etag_known", source.etag_known},
            {"fetched", seconds_of(source.fetched_realtime_ns)},
            {"last_success", seconds_of(source.last_success_realtime_ns)},
            {"last_failure", seconds_of(source.last_failure_realtime_ns)},
            {"failures_in_a_row", source.failures_in_a_row},
            {"error_code", source.error_code},
            {"error_context", source.error_context}};
  for (std::size_t kind = 0; kind < lists::kLedgerKinds.size(); ++kind) {
    json["entries"][std::string(lists::kLedgerKinds[kind])] = source.ledger.entries_by_kind[kind];
  }
  if (source.is_told_of_suspensions) json["reports_waiting"] = source.reports_waiting;
  if (source.held) json["held"] = held_json(*source.held);
  if (source.shadow) json["shadow"] = shadow_json(*source.shadow);
  return json;
}

Json scope_json(const lists::ScopeStatus& scope) {
  Json json{{"state", lists::name_of(scope.state)},    {"sequence", scope.accepted.sequence},
            {"categories", scope.accepted.categories}, {"signed_by", scope.accepted.signed_by},
            {"error_code", scope.error_code},          {"error_context", scope.error_context}};
  if (scope.accepted.sequence != 0) json["digest"] = scope.accepted.digest;
  return json;
}

Json suspension_json(const lists::SuspensionStatus& status) {
  const auto& suspension = status.suspension;
  return {{"number", suspension.number},
          {"entries", status.entries},
          {"reason", suspension.reason},
          {"approver", suspension.by},
          {"confirmed_by", suspension.confirmed_by},
          {"begun", suspension.begun_realtime_s},
          {"until", suspension.until_realtime_s},
          {"subject", approval::format_subject(status.subject)}};
}

Json generation_json(const lists::KeptGeneration& kept) {
  Json json{{"generation", kept.generation}, {"time", seconds_of(kept.created_realtime_ns)}, {"lists", Json::array()}};
  for (const auto& list : kept.lists) {
    json["lists"].push_back({{"name", list.name},
                             {"state", config::name_of(list.state)},
                             {"sequence", list.sequence},
                             {"entries", list.entries}});
  }
  return json;
}

Json edge_json(const ControlStatus& status) {
  if (!status.edge) return {{"up", false}, {"error_code", name_of(status.edge.error().code)}};
  const auto& header = *status.edge->header;
  const auto total = status.edge->total();
  const Nanoseconds age = metrics::heartbeat_age_ns(header, status.monotonic_now_ns);
  return {{"up", age < metrics::kHeartbeatLimitNs},          {"heartbeat_age_s", seconds_of(age)},
          {"started", seconds_of(header.start_realtime_ns)}, {"workers", header.worker_count},
          {"checksums_verified", total.checksums_verified},  {"checksums_bad", total.checksums_bad}};
}

Json applied_json(const ControlStatus& status) {
  if (!status.edge) return {{"generation", 0}, {"time", 0.0}};
  return {{"generation", status.edge->header->applied_generation},
          {"time", seconds_of(status.edge->header->applied_realtime_ns)}};
}

Json legal_json(const config::ControlOptions& options, const std::string& list) {
  const auto source = std::ranges::find(options.sources, list, &config::SourceOptions::name);
  if (source == options.sources.end()) return Json::object();
  const auto& legal = source->legal;
  return {{"legal_basis", legal.legal_basis}, {"authority", legal.authority},       {"appeal", legal.appeal},
          {"category", legal.category},       {"jurisdiction", legal.jurisdiction}, {"contact", legal.contact}};
}

Json match_json(const Explained& explained, const config::ControlOptions& options) {
  Json protocols = Json::object();
  for (std::size_t i = 0; i < kCountOf<Protocol>; ++i) {
    const auto enforcement = lists::enforcement_of(explained.hit.kind, static_cast<Protocol>(i));
    protocols[std::string(kProtocolNames[i])] = {{"how", lists::name_of(enforcement.how)},
                                                 {"reason", lists::name_of(enforcement.why_not)}};
  }
  return {{"entry_id", lists::format_entry_id(explained.hit.id)},
          {"list", explained.list},
          {"state", config::name_of(explained.state)},
          {"lifted", explained.lifted},
          {"kind", canon::name_of(explained.hit.kind)},
          {"appeal_code", lists::format_appeal_code(explained.hit.digest)},
          {"ends", static_cast<double>(explained.ends_s)},
          {"for_some", explained.for_some},
          {"protocols", std::move(protocols)},
          {"legal", legal_json(options, explained.list)}};
}

}  // namespace

std::string format_status(const ControlStatus& status) {
  Json sources = Json::array(), suspensions = Json::array(), generations = Json::array();
  for (const auto& source : status.update.sources) sources.push_back(source_json(source));
  for (const auto& suspension : status.update.suspensions) suspensions.push_back(suspension_json(suspension));
  for (const auto& kept : status.update.generations) generations.push_back(generation_json(kept));
  const Json published{{"generation", status.update.published.generation},
                       {"time", seconds_of(status.update.published.realtime_ns)},
                       {"error_code", status.update.published.error_code},
                       {"error_context", status.update.published.error_context}};
  return dump({{"status",
                {{"version", PARAPET_VERSION},
                 {"time", seconds_of(status.realtime_now_ns)},
                 {"clock_suspect", status.update.clock_suspect},
                 {"scope", scope_json(status.update.scope)},
                 {"key_id", hex_of(status.key_id)},
                 {"published", published},
                 {"applied", applied_json(status)},
                 {"edge", edge_json(status)},
                 {"sources", std::move(sources)},
                 {"suspensions", std::move(suspensions)},
                 {"generations", std::move(generations)}}}});
}

std::string format_explanation(const Explanation& explanation, const config::ControlOptions& options) {
  Json matches = Json::array();
  for (const auto& match : explanation.matches) matches.push_back(match_json(match, options));
  return dump({{"explain", {{"generation", explanation.generation}, {"matches", std::move(matches)}}}});
}

std::string format_simulation(const Simulated& simulated) {
  const auto& refusal = simulated.refusal;
  return dump({{"simulate",
                {{"outcome", name_of(simulated.outcome)},
                 {"error_code", refusal ? name_of(refusal->code) : ""},
                 {"error_context", refusal ? refusal->context : ""},
                 {"entries", simulated.entries},
                 {"in_force", simulated.in_force},
                 {"compared", simulated.compared},
                 {"added", simulated.change.added},
                 {"removed", simulated.change.removed},
                 {"people_needed", simulated.people_needed},
                 {"findings", findings_json(simulated.findings)}}}});
}

std::string format_error(const Error& error) {
  return dump({{"error", {{"code", name_of(error.code)}, {"context", error.context}}}});
}

namespace {

std::string answer_explain(Question& question, const AnswerNeeds& needs) {
  const bool by_code = question.has("code");
  auto* text = question.text(by_code ? "code" : "url");
  std::optional<Nanoseconds> at;
  if (question.has("at")) at = question.number("at") * kNanosecondsPerSecond;
  if (const auto& error = question.error()) return format_error(*error);
  const auto explanation = by_code ? needs.explainer.explain_appeal(*text) : needs.explainer.explain(*text, at);
  wipe(text->data(), text->size());
  return explanation ? format_explanation(*explanation, needs.options) : format_error(explanation.error());
}

std::string answer_simulation(Question& question, Simulator& simulator, const Fd& passed) {
  const auto* source = question.text("source");
  if (const auto& error = question.error()) return format_error(*error);
  const auto simulated = simulator.simulate(*source, passed);
  return simulated ? format_simulation(*simulated) : format_error(simulated.error());
}

}  // namespace

std::string answer_question(std::string_view line, const AnswerNeeds& needs, const Fd& passed) {
  auto question = Question::parse(line);
  if (!question) return format_error(question.error());
  const auto* ask = question->text("ask");
  if (const auto& error = question->error()) return format_error(*error);
  if (*ask == "status") return format_status(needs.read_status());
  if (*ask == "explain") return answer_explain(*question, needs);
  if (needs.updater != nullptr) {
    if (const auto answer = answer_decision(*ask, *question, *needs.updater)) return *answer;
  }
  if (*ask == "reveal" && needs.revealer != nullptr) return answer_reveal(*question, *needs.revealer);
  if (*ask == "simulate" && needs.simulator != nullptr) return answer_simulation(*question, *needs.simulator, passed);
  return format_error(
      {ErrorCode::unsupported, "ask: expected status, explain, decide, rollback, switch, suspend, reveal or simulate"});
}

}  // namespace parapet::control
