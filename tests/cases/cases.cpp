// SPDX-License-Identifier: Apache-2.0
// Runs the catalogue: every folder, every cut, every pair. A line for each case that fails, then the counts.
//   cases FOLDER [-v] [--every N] [NAME...]
//     FOLDER    holds the case folders
//     NAME      only those whose name begins so, with each other
//     -v        and what becomes of each of their frames
//     --every   one case of N, spread over all (N odd: over both families, listed and not)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "play/trial.h"

namespace parapet::cases {
namespace {

namespace fs = std::filesystem;

const Words kAnyWords{"listed.example.test", "/index.html"};  // for the lengths of messages

struct Counts {
  std::size_t run = 0, misses = 0, false_blocks = 0, broken = 0;
};

class Catalogue {
 public:
  Catalogue(const fs::path& root, const std::vector<std::string>& wanted, bool trace, std::size_t every)
      : root_(root), plain_(read_plain_messages(root / "plain")), every_(every), trials_(trace) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(root)) {
      if (fs::exists(entry.path() / "case.toml")) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      const std::string name = path.filename().string();
      const bool is_wanted =
          std::any_of(wanted.begin(), wanted.end(), [&](const std::string& word) { return name.starts_with(word); });
      if (wanted.empty() || is_wanted) folders_.push_back(read_case_folder(path));
    }
  }

  void run_folders() {
    for (const CaseFolder& folder : folders_) {
      for (const MessageText& message : messages_of(folder)) {
        const bool transport = folder.is_trick_of_transport();
        run({&message, transport ? nullptr : &folder, transport ? &folder : nullptr, nullptr, {}});
      }
    }
  }

  void run_cuts() {
    for (const MessageText& message : plain_) {
      if (is_datagram(message.language)) continue;
      const std::size_t length = fill_template(message.text, kAnyWords).bytes.size();
      for (std::size_t at = 1; at < length; ++at) {
        const std::string place = std::to_string(at);
        run_cut(message, place, "client 0.." + place + "\n", "client " + place + "..end\n");
      }
    }
    const std::size_t length = fill_template(read_cut_quic(root_ / "plain", 1).text, kAnyWords).stream_length;
    for (std::size_t at = 1; at < length; ++at) {
      cut_messages_.push_back(read_cut_quic(root_ / "plain", at));
      run_steps(cut_messages_.back(), "client 0..end", "cut at " + std::to_string(at));
      run_steps(cut_messages_.back(), "client 0..end order=reverse", "cut at " + std::to_string(at) + ", reverse");
    }
  }

  void run_pairs() {
    for (const CaseFolder& application : folders_) {
      if (application.is_trick_of_transport() || !application.combines || !application.steps.empty()) continue;
      for (const CaseFolder& transport : folders_) {
        if (!transport.is_trick_of_transport() || !transport.combines) continue;
        for (const MessageText& message : application.messages) {
          if (can_carry(transport, message)) run({&message, &application, &transport, nullptr, {}});
        }
      }
    }
  }

  const Counts& counts() const { return counts_; }
  std::size_t folder_count() const { return folders_.size(); }

 private:
  // A trick of transport is played with the plain messages it says it carries.
  std::vector<MessageText>& messages_of(const CaseFolder& folder) {
    std::vector<MessageText>& messages = messages_[&folder];
    if (!messages.empty()) return messages;
    if (!folder.is_trick_of_transport()) return messages = folder.messages;
    for (const MessageText& message : plain_) {
      if (folder.carries.contains(message.language)) messages.push_back(message);
    }
    return messages;
  }

  // Streams go over what carries a stream, datagrams over what carries theirs.
  static bool can_carry(const CaseFolder& transport, const MessageText& message) {
    if (is_datagram(message.language)) return transport.carries.contains(message.language);
    return std::any_of(transport.carries.begin(), transport.carries.end(),
                       [](Language language) { return !is_datagram(language); });
  }

  void run_cut(const MessageText& message, const std::string& place, const std::string& first,
               const std::string& second) {
    run_steps(message, "handshake\n" + first + second, "cut at " + place);
    run_steps(message, "handshake\n" + second + first, "cut at " + place + ", reverse");
  }
  void run_steps(const MessageText& message, const std::string& script, const std::string& label) {
    const std::vector<Step> steps = parse_script(script);
    run({&message, nullptr, nullptr, &steps, label});
  }

  static bool fits(const CaseFolder* folder, bool ipv6) {
    return folder == nullptr || std::find(folder->ipv6.begin(), folder->ipv6.end(), ipv6) != folder->ipv6.end();
  }

  // Over both families, listed and not.
  void run(Trial trial) {
    for (const bool ipv6 : {false, true}) {
      if (!fits(trial.application, ipv6) || !fits(trial.transport, ipv6)) continue;
      for (const bool listed : {true, false}) {
        trial.ipv6 = ipv6;
        if (number_++ % every_ != 0) continue;
        trial.listed = listed;
        note(trial, try_run(trial));
      }
    }
  }

  Finding try_run(const Trial& trial) {
    try {
      return trials_.run(trial);
    } catch (const std::exception& error) {
      return {Outcome::broken, error.what()};
    }
  }

  void note(const Trial& trial, const Finding& finding) {
    ++counts_.run;
    if (finding.outcome == Outcome::fine) return;
    const char* what = "BROKEN";
    if (finding.outcome == Outcome::miss) what = "MISS";
    if (finding.outcome == Outcome::false_block) what = "FALSE BLOCK";
    counts_.misses += finding.outcome == Outcome::miss;
    counts_.false_blocks += finding.outcome == Outcome::false_block;
    counts_.broken += finding.outcome == Outcome::broken;
    std::printf("%-11s %s: %s\n", what, trial.name().c_str(), finding.what.c_str());
  }

  fs::path root_;
  std::vector<MessageText> plain_;
  std::deque<MessageText> cut_messages_;
  std::vector<CaseFolder> folders_;
  std::map<const CaseFolder*, std::vector<MessageText>> messages_;
  std::size_t every_, number_ = 0;
  Trials trials_;
  Counts counts_;
};

int run(const fs::path& root, std::vector<std::string> wanted) {
  const bool trace = std::erase(wanted, "-v") > 0;
  std::size_t every = 1;
  if (const auto at = std::find(wanted.begin(), wanted.end(), "--every"); at != wanted.end()) {
    if (at + 1 == wanted.end()) throw std::runtime_error("--every needs a number");
    every = std::max<std::size_t>(1, std::stoul(*(at + 1)));
    wanted.erase(at, at + 2);
  }
  const auto began = std::chrono::steady_clock::now();
  Catalogue catalogue(root, wanted, trace, every);
  catalogue.run_folders();
  const std::size_t folders = catalogue.counts().run;
  if (wanted.empty()) catalogue.run_cuts();
  const std::size_t cuts = catalogue.counts().run - folders;
  catalogue.run_pairs();
  const Counts& counts = catalogue.counts();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "%zu cases (%zu of %zu folders, %zu cuts, %zu pairs): %zu misses, %zu false blocks, %zu broken "
      "in %.1f s\n",
      counts.run, folders, catalogue.folder_count(), cuts, counts.run - folders - cuts, counts.misses,
      counts.false_blocks, counts.broken, seconds);
  return counts.misses + counts.false_blocks + counts.broken > 0 ? 1 : 0;
}

}  // namespace
}  // namespace parapet::cases

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: cases FOLDER [-v] [--every N] [NAME...]\n");
    return 2;
  }
  try {
    return parapet::cases::run(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
