// SPDX-License-Identifier: Apache-2.0
// JSON of the control socket; the only file of the control plane that reads JSON.
#include "control/answers.h"

#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "lists/compile/entry_id.h"
#include "lists/compile/ledger.h"
#include "metrics/edge_metrics.h"

namespace parapet::control {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(std::uint64_t realtime_ns) { return static_cast<double>(realtime_ns) / 1e9; }

std::string hex_of(const digest::KeyId& id) { return lists::format_entry_id(EntryId{load_be64(id.data())}); }

std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

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

Json source_json(const lists::SourceStatus& source) {
  Json json{{"name", source.name},
            {"state", config::name_of(source.state)},
            {"loaded", source.loaded},
            {"sequence", source.sequence},
            {"entries", Json::object()},
            {"ledger", ledger_json(source.ledger)},
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

Json match_json(const Explained& explained) {
  Json protocols = Json::object();
  for (std::size_t i = 0; i < kCountOf<Protocol>; ++i) {
    const auto enforcement = lists::enforcement_of(explained.hit.kind, static_cast<Protocol>(i));
    protocols[std::string(kProtocolNames[i])] = {{"how", lists::name_of(enforcement.how)},
                                                 {"reason", lists::name_of(enforcement.why_not)}};
  }
  return {{"entry_id", lists::format_entry_id(explained.hit.id)},
          {"list", explained.list},
          {"state", config::name_of(explained.state)},
          {"kind", canon::name_of(explained.hit.kind)},
          {"ends", static_cast<double>(explained.ends_s)},
          {"for_some", explained.for_some},
          {"protocols", std::move(protocols)}};
}

}  // namespace

std::string format_status(const ControlStatus& status) {
  Json sources = Json::array();
  for (const auto& source : status.update.sources) sources.push_back(source_json(source));
  const Json published{{"generation", status.update.published_generation},
                       {"time", seconds_of(status.update.published_realtime_ns)},
                       {"error_code", status.update.publication_error_code}};
  return dump({{"status",
                {{"version", PARAPET_VERSION},
                 {"time", seconds_of(status.realtime_now_ns)},
                 {"key_id", hex_of(status.key_id)},
                 {"published", published},
                 {"applied", applied_json(status)},
                 {"edge", edge_json(status)},
                 {"sources", std::move(sources)}}}});
}

std::string format_explained(const std::vector<Explained>& explained, Generation published_generation) {
  Json matches = Json::array();
  for (const auto& match : explained) matches.push_back(match_json(match));
  return dump({{"explain", {{"generation", published_generation}, {"matches", std::move(matches)}}}});
}

std::string format_error(const Error& error) {
  return dump({{"error", {{"code", name_of(error.code)}, {"context", error.context}}}});
}

std::string answer_question(std::string_view line, const AnswerNeeds& needs) {
  Json question = Json::parse(line, nullptr, false);
  if (!question.is_object()) return format_error({ErrorCode::malformed, "expected one JSON object a line"});
  const auto ask = question.find("ask");
  if (ask == question.end() || !ask->is_string()) return format_error({ErrorCode::malformed, "ask: expected a string"});
  if (*ask == "status") return format_status(needs.read_status());
  if (*ask != "explain") return format_error({ErrorCode::unsupported, "ask: expected status or explain"});
  const auto url = question.find("url");
  if (url == question.end() || !url->is_string()) return format_error({ErrorCode::malformed, "url: expected a string"});
  auto& text = url->get_ref<std::string&>();
  const auto explained = needs.explainer.explain(text);
  wipe(text.data(), text.size());
  if (!explained) return format_error(explained.error());
  return format_explained(*explained, needs.read_status().update.published_generation);
}

}  // namespace parapet::control
