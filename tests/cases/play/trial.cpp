// SPDX-License-Identifier: Apache-2.0
// Running a trial and judging it.
#include "trial.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "player.h"

namespace parapet::cases {
namespace {

// What the list holds, what it does not, and what decoys say; all of one length.
struct Vocabulary {
  Words listed, unlisted, decoy;
};
const std::map<Asks, Vocabulary> kVocabulary{
    {Asks::host,
     {{"listed.example.test", "/index.html"},
      {"benign.example.test", "/index.html"},
      {"decoys.example.test", "/index.html"}}},
    {Asks::domain,
     {{"deep.forest.example.test", "/index.html"},
      {"deep.meadow.example.test", "/index.html"},
      {"deep.desert.example.test", "/index.html"}}},
    {Asks::url,
     {{"mixed.example.test", "/listed/page.html", true},
      {"mixed.example.test", "/benign/page.html", true},
      {"mixed.example.test", "/decoys/page.html", true}}},
    {Asks::prefix,
     {{"mixed.example.test", "/hidden/page.html", true},
      {"mixed.example.test", "/plains/page.html", true},
      {"mixed.example.test", "/decoys/page.html", true}}},
};

bool asks_for(const Request& request, const Words& words, Asks asks) {
  const std::string host = plain_host(request.host);
  if (asks == Asks::domain) return host == words.host || host.ends_with("." + words.host);
  if (host != words.host) return false;
  if (asks == Asks::host) return true;
  const std::vector<std::string> paths = plain_paths(request.target);
  return std::find(paths.begin(), paths.end(), words.path) != paths.end();
}

bool has_served(const Server& server, const MessageText& message, const MarkedBytes& bytes, const Words& words) {
  if (message.language == Language::remembered_stream) {
    return server.has_stream_of(ByteView{bytes.bytes}.first(bytes.complete.value_or(bytes.bytes.size())));
  }
  if (message.language == Language::remembered_datagrams) {
    std::vector<Bytes> needed;
    for (const MarkedBytes::Datagram& datagram : datagrams_of(bytes)) {
      if (!datagram.decoy) needed.push_back(datagram.bytes);
    }
    return server.has_datagrams(needed);
  }
  const std::vector<Request> requests = server.requests(message.language);
  return std::any_of(requests.begin(), requests.end(),
                     [&](const Request& request) { return asks_for(request, words, message.asks); });
}

template <typename Check>
bool either(const Trial& trial, Check&& check) {
  return (trial.application != nullptr && check(*trial.application)) ||
         (trial.transport != nullptr && check(*trial.transport));
}

std::string dropped(const Wire::Notes& notes) {
  std::string out;
  for (std::size_t i = 0; i < kCountOf<FrameReason>; ++i) {
    if (notes.dropped[i] == 0) continue;
    out.append(" ").append(kFrameReasonNames[i]).append(" ").append(std::to_string(notes.dropped[i]));
  }
  return out.empty() ? " nothing" : out;
}

// What was done to the unlisted twin and was not named by its folders; empty: nothing.
std::string harm(const Trial& trial, const Wire::Notes& notes) {
  for (std::size_t i = 0; i < kCountOf<FrameReason>; ++i) {
    const std::string name(kFrameReasonNames[i]);
    if (notes.dropped[i] == 0) continue;
    if (!either(trial, [&](const CaseFolder& folder) { return folder.drops.contains(name); })) return name;
  }
  bool altering = false;
  for (std::size_t i = 0; i < kCountOf<ActionKind>; ++i) {
    const std::string name(kActionNames[i]);
    if (notes.acted[i] == 0) continue;
    if (!either(trial, [&](const CaseFolder& folder) { return folder.alters.contains(name); })) return name;
    altering = true;
  }
  if (notes.altered > 0 && !altering) return "a frame was altered and no counter says so";
  if (notes.injected > 0) return "frames of our own";
  return {};
}

// Whether a blind spot was counted under the reason its folder names.
bool is_counted(const Trial& trial, const Wire::Notes& notes) {
  return !either(trial, [&](const CaseFolder& folder) {
    if (folder.uninspected.empty()) return false;
    for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
      if (kUninspectedNames[i] == folder.uninspected) return notes.uninspected[i] == 0;
    }
    throw std::invalid_argument("no reason " + folder.uninspected);
  });
}

}  // namespace

std::string Trial::name() const {
  std::string out = transport != nullptr ? transport->name : steps != nullptr ? label : "plain";
  out += " · ";
  out += application != nullptr ? application->name : "plain";
  if (!message->name.empty()) out += " " + message->name;
  return out + (ipv6 ? " · ipv6" : " · ipv4") + (listed ? " · listed" : " · unlisted");
}

Trials::Trials(bool trace)
    : list_{"host:listed.example.test", "domain:forest.example.test", "url:http://mixed.example.test/listed/page.html",
            "prefix:http://mixed.example.test/hidden/"},
      edge_(list_.snapshot()),
      trace_(trace) {}

const Trials::Said& Trials::said(const MessageText& message, bool listed) {
  const auto found = said_.find({&message, listed});
  if (found != said_.end()) return found->second;
  const Vocabulary& vocabulary = kVocabulary.at(message.asks);
  const Words& words = listed ? vocabulary.listed : vocabulary.unlisted;
  Said said{fill_template(message.text, words), fill_template(message.text, vocabulary.decoy), words};
  if (said.message.bytes.size() != said.other.bytes.size()) throw std::invalid_argument("a decoy of another length");
  return said_.emplace(std::pair{&message, listed}, std::move(said)).first->second;
}

Wire::Options Trials::next_options(const Trial& trial) {
  constexpr std::uint32_t kPorts = 8, kAddresses = 250;  // a script may use so many ports
  // A listed datagram in fragments leaves its ends' identification unusable for a minute, so neighbours differ in
  // address.
  const std::uint32_t host = 1 + count_ % kAddresses;
  const auto port = static_cast<std::uint16_t>(1024 + count_ / kAddresses % 8000 * kPorts);
  ++count_;
  Wire::Options options;
  options.ends = {(trial.ipv6 ? "2001:db8::" : "192.0.2.") + std::to_string(host),
                  trial.ipv6 ? "2001:db8:1::20" : "198.51.100.20", port, trial.message->port};
  if (trial.transport != nullptr) {
    options.carriers = trial.transport->carriers;
    options.server_seen = trial.transport->server_seen;
    options.hops = trial.transport->hops;
  }
  options.trace = trace_;
  options.fast_open = either(trial, [](const CaseFolder& folder) { return folder.fast_open; });
  return options;
}

Finding Trials::run(const Trial& trial) {
  static const std::vector<Step> kPlainSteps = plain_steps();
  const Said& said = this->said(*trial.message, trial.listed);
  const MarkedBytes& message = said.message;
  const std::vector<Step>* steps = trial.steps;
  for (const CaseFolder* folder : {trial.transport, trial.application}) {
    if (steps == nullptr && folder != nullptr && !folder->steps.empty()) steps = &folder->steps;
  }
  if (trace_) std::printf("%s\n", trial.name().c_str());
  edge_.wait(kNanosecondsPerSecond);
  Wire wire(edge_, next_options(trial));
  Player player(wire, {message, said.other, is_datagram(trial.message->language)}, count_ * 2654435761u);
  player.play(steps != nullptr ? *steps : kPlainSteps);
  player.send_rest();

  const auto served_by = [&](const Server& judge) { return has_served(judge, *trial.message, message, said.words); };
  const bool blocks = !either(trial, [](const CaseFolder& folder) { return !folder.blocks; });
  const bool refused = either(trial, [](const CaseFolder& folder) { return !folder.served; });
  if (trial.listed && blocks) {
    const auto& judges = wire.judges();
    const auto server = std::find_if(judges.begin(), judges.end(), served_by);
    if (server == judges.end()) return {};
    return {Outcome::miss, "served by judge " + std::to_string(server - judges.begin())};
  }
  const Wire::Notes notes = wire.notes();
  if (const std::string what = harm(trial, notes); !what.empty()) return {Outcome::false_block, what};
  if (!is_counted(trial, notes)) return {Outcome::broken, "it was not counted"};
  if (!refused && !served_by(wire.judges().front())) {
    return {Outcome::broken, "the twin is not served; dropped:" + dropped(notes)};
  }
  return {};
}

}  // namespace parapet::cases
