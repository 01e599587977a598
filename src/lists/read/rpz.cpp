// SPDX-License-Identifier: Apache-2.0
// Format rpz: a Response Policy Zone as text. A trigger is a name without the zone's behind it, its action a record.
// draft-vixie-dnsop-dns-rpz-00 §3, §4
#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "canon/host.h"
#include "lists/read/format.h"
#include "lists/read/zone_text.h"

namespace parapet::lists {
namespace {

using namespace std::string_view_literals;

// What a rule makes of the names that it is about.
enum class Effect : std::uint8_t {
  none,  // no rule
  stop,  // an answer other than the true one, or none
  pass,  // the true answer, whatever rules for wider names say
};

struct Rule {
  std::size_t line = 0;
  Effect effect = Effect::none;
};

// Of one name. A wildcard is about the names below that have nothing nearer in the zone: where "b.a" stands in it, with
// whatever rule, or only something below it, "*.a" says nothing about "b.a" and what is below that.  RFC 4592 §3.3.1
struct Policy {
  Rule exact;
  Rule below;            // "*.name"
  bool has_gap = false;  // something below it is not stopped
  bool stops_all() const noexcept { return exact.effect == Effect::stop && below.effect == Effect::stop; }
  bool is_domain() const noexcept { return stops_all() && !has_gap; }
};

constexpr std::string_view kStar = "\1*";

// The labels behind the first.
std::string_view parent_of(std::string_view name) {
  return name.substr(std::size_t{1} + static_cast<unsigned char>(name.front()));
}

std::string_view last_label_of(std::string_view name) {
  for (auto rest = name; !rest.empty(); rest = parent_of(rest)) name = rest;
  return name.empty() ? name : name.substr(1);
}

bool is_below(std::string_view name, std::string_view origin) {
  while (name.size() > origin.size()) name = parent_of(name);
  return name == origin;
}

enum class Trigger : std::uint8_t { qname, client_ip, other, unknown };

// §4: the label next to the zone's name says what a trigger is about, where it is no QNAME.
Trigger trigger_of(std::string_view name) {
  const auto last = last_label_of(name);
  if (last == "rpz-client-ip") return Trigger::client_ip;
  if (last == "rpz-ip" || last == "rpz-nsip" || last == "rpz-nsdname") return Trigger::other;
  return last.starts_with("rpz-") ? Trigger::unknown : Trigger::qname;
}

class PolicyZone {
 public:
  PolicyZone(std::string apex, RowSink& sink) : apex_(std::move(apex)), sink_(&sink) {}

  void take(const ZoneRecord& record) {
    if (const char* problem = judge(record)) sink_->refuse(record.line, problem);
  }

  void emit() {
    mark_gaps();
    std::vector<std::pair<std::string_view, const Policy*>> in_order;
    for (const auto& [name, policy] : policies_) {
      if (policy.exact.effect == Effect::stop) in_order.emplace_back(name, &policy);
      if (policy.below.effect == Effect::stop && !policy.is_domain()) sink_->count_unenforceable(1);
    }
    std::ranges::sort(in_order, {}, [](const auto& each) { return each.second->exact.line; });
    for (const auto& [name, policy] : in_order) emit(name, *policy);
    sink_->count_unenforceable(beside_.size());
  }

 private:
  const char* judge(const ZoneRecord& record) {
    if (!is_below(record.owner, apex_)) return "a name outside the zone";
    const auto name = record.owner.substr(0, record.owner.size() - apex_.size());
    if (record.type == ZoneType::dnssec) {
      const auto node = name.starts_with(kStar) ? parent_of(name) : name;
      if (!node.empty()) policies_[std::string(node)];
      return nullptr;
    }
    if (name.empty()) return record.type == ZoneType::cname ? "a CNAME of the zone itself" : nullptr;
    if (record.type == ZoneType::soa || record.type == ZoneType::ns) return "a SOA or NS below the zone's name";
    if (record.type == ZoneType::dname) return "a DNAME, which is no policy";
    Effect effect = Effect::stop;  // local data
    bool is_kept = true;
    if (record.type == ZoneType::cname) {
      if (const char* problem = judge_action(record, name, effect, is_kept)) return problem;
    }
    switch (trigger_of(name)) {
      case Trigger::qname: break;
      case Trigger::unknown: return "a trigger of no known sort";
      case Trigger::client_ip:
        if (effect == Effect::pass) return "an exception for clients, of whom Parapet knows nothing";
        [[fallthrough]];
      case Trigger::other: beside_.emplace(name); return nullptr;
    }
    if (!is_kept) beside_.emplace(name);
    return keep(name, {record.line, effect});
  }

  // §3; is_kept: the action is one that Parapet can do.
  const char* judge_action(const ZoneRecord& record, std::string_view name, Effect& effect, bool& is_kept) const {
    const std::string_view target = record.target;
    const bool is_single = !target.empty() && parent_of(target).empty();
    if (target == record.owner || (is_below(target, apex_) && (target.starts_with(kStar) || first_is_action(target)))) {
      return "an action without its closing dot";
    }
    if (target == "\14rpz-passthru"sv || names_itself(target, name)) {
      effect = Effect::pass;
    } else if (target == "\14rpz-tcp-only"sv) {
      effect = Effect::pass;
      is_kept = false;
    } else if (is_single && first_is_action(target) && target != "\10rpz-drop"sv) {
      return "an action that is none";
    }
    return nullptr;
  }
  // The old word for rpz-passthru: the trigger's own name, without what says its sort.  §3.3
  static bool names_itself(std::string_view target, std::string_view name) {
    if (trigger_of(name) == Trigger::qname) return target == name;
    return name.starts_with(target) && target.size() + 1 + last_label_of(name).size() == name.size();
  }
  static bool first_is_action(std::string_view target) {
    return !target.empty() && target.substr(1).starts_with("rpz-");
  }

  const char* keep(std::string_view name, Rule rule) {
    const bool is_wild = name.starts_with(kStar);
    if (is_wild) name = parent_of(name);
    if (name.empty()) return "a rule for every name";
    if (rule.effect == Effect::stop) {
      canon::Host host;
      const auto outcome = canon::canonicalise_labels(bytes_of(name), host);
      if (outcome != canon::HostOutcome::ok || host.view().contains('*')) return "a name that no host has";
    }
    Policy& policy = policies_[std::string(name)];
    Rule& held = is_wild ? policy.below : policy.exact;
    if (held.effect == Effect::none) {
      held = rule;
    } else if (held.effect != rule.effect) {
      return "another action for a name that has one";
    }
    return nullptr;
  }

  // From each name up: a domain would stop what is in a gap.
  void mark_gaps() {
    for (const auto& [name, policy] : policies_) {
      bool has_gap = !policy.stops_all();
      for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
        const auto found = policies_.find(std::string(above));
        const bool is_bare = found == policies_.end();  // there only because of what is below it
        if (!is_bare && has_gap) found->second.has_gap = true;
        has_gap = has_gap || is_bare || !found->second.stops_all();
      }
    }
  }

  void emit(std::string_view name, const Policy& policy) {
    canon::Host host;
    static_cast<void>(canon::canonicalise_labels(bytes_of(name), host));
    sink_->take({policy.exact.line, host.view(), policy.is_domain() ? "domain"sv : "host"sv});
  }

  std::string apex_;
  RowSink* sink_;
  std::unordered_map<std::string, Policy> policies_;
  std::unordered_set<std::string> beside_;  // triggers of rules that Parapet cannot do
};

}  // namespace

Status read_rpz(ByteView feed, const config::SourceOptions& source, RowSink& sink) {
  std::string origin(kNamelessOrigin);
  const bool is_named = !source.zone.empty();
  if (is_named && parse_zone_name(source.zone, "", origin) != nullptr) {
    return fail(ErrorCode::invalid_argument, "zone is no name of DNS");
  }
  std::optional<PolicyZone> zone;
  bool is_another = false, is_headless = false;
  walk_zone(feed, origin, sink, [&](const ZoneRecord& record) {
    if (!zone) {
      is_headless |= record.type != ZoneType::soa;
      is_another |= !is_headless && is_named && record.owner != origin;
      zone.emplace(std::string(record.owner), sink);
    }
    if (!is_headless && !is_another) zone->take(record);
  });
  if (is_headless) return fail(ErrorCode::malformed, "its first record is no SOA");
  if (is_another) return fail(ErrorCode::malformed, "its SOA is of another zone than " + source.zone);
  if (!zone) {
    if (auto status = sink.finish(); !status) return status;
    return fail(ErrorCode::malformed, "it has no SOA, so it is no zone");
  }
  zone->emit();
  return {};
}

}  // namespace parapet::lists
