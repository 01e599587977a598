// SPDX-License-Identifier: Apache-2.0
// An update read here: what it touches, what the guards would say, and that no listed name comes out.
#include "app/cli/simulation.h"

#include <gtest/gtest.h>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/simulation_report.h"
#include "support_bytes.h"
#include "temp_folder.h"

namespace parapet::cli {
namespace {

using lists::GuardRule;
using nlohmann::json;

constexpr Nanoseconds kSimulatedAt = 1'795'900'000 * kNanosecondsPerSecond;

class SimulationTest : public testing::Test {
 protected:
  SimulationTest() {
    const std::vector<std::pair<const char*, const char*>> files{
        {"top_sites.txt", "1,news.test\n"},      {"shared_hosts.txt", "pages.example.test\n"},
        {"resolvers.txt", "dns.example.test\n"}, {"hotlines.txt", "hotline.test\n"},
        {"certificates.txt", "ocsp.ca.test\n"},  {"special_use.txt", "home.invalid\n"},
        {"own_names.txt", "isp.test\n"},         {"suffixes.dat", "test\nco.test\n*.wild.test\n"}};
    for (const auto& [name, text] : files) folder.write(name, text);
    guard = {folder.path(), folder.file("suffixes.dat"), folder.file("own_names.txt")};
    source.name = "hotline";
  }
  Result<Simulation> simulate(std::string_view text) const {
    return cli::simulate(bytes_of(text), source, guard, kSimulatedAt);
  }
  // As the command is called without a control.toml.
  std::pair<ExitCode, std::string> run(std::string_view text, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"parapet",
                                   "simulate",
                                   folder.write("draft.txt", text),
                                   "--guard",
                                   guard.directory,
                                   "--public-suffixes",
                                   guard.public_suffix_file,
                                   "--own-names",
                                   guard.own_names_file,
                                   "--socket",
                                   folder.file("nobody")};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto code = run_command_line(static_cast<int>(argv.size()), argv.data());
    return {code, testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr()};
  }

  support::TempFolder folder;
  config::SourceOptions source;
  config::GuardOptions guard;
};

// Each listed name holds "canary", and none of the guards' does.
constexpr std::string_view kTouching =
    "canary.example.test\n"
    "www.news.test\n"
    "http://pages.example.test/\n"
    "http://pages.example.test/canary\n"
    "canary.isp.test\n"
    "http://isp.test/canary\n"
    "dns.example.test\n"
    "canary.hotline.test\n"
    "http://ocsp.ca.test/canary\n"
    "canary.home.invalid\n"
    "canary.wild.test\n"
    "canary.wild.test\n";

TEST_F(SimulationTest, EachGuardTellsItsOwnNameAndTheLine) {
  const auto simulation = simulate(kTouching);
  ASSERT_TRUE(simulation) << simulation.error().context;
  std::string touched;
  for (const auto& rule : simulation->touched) {
    touched += std::string(name_of(rule.rule)) + " " + std::to_string(rule.count);
    for (const auto& touch : rule.touches) touched += " " + std::to_string(touch.line) + ":" + touch.guard_name;
    touched += "\n";
  }
  EXPECT_EQ(touched,
            "public_suffix 2 11:*.wild.test 12:*.wild.test\n"
            "top_site 1 2:news.test\n"
            "shared_host 1 3:pages.example.test\n"
            "own_name 2 5:isp.test 6:isp.test\n"
            "resolver 1 7:dns.example.test\n"
            "hotline 1 8:hotline.test\n"
            "certificate 1 9:ocsp.ca.test\n"
            "special_use 1 10:home.invalid\n");
  EXPECT_EQ(simulation->entries, 11u) << "doubles are one entry, and each is counted by its guard";
  EXPECT_EQ(simulation->ledger.entries_by_kind, (std::array<std::uint64_t, 4>{7, 0, 4, 0}));
}

TEST_F(SimulationTest, GuardDataThatIsMissingOrOldIsAFinding) {
  guard.own_names_file = folder.file("none");
  folder.write("hotlines.txt", "# as of: 2025-01-01\nhotline.test\n");
  const auto findings = simulate("a.example.test\n")->findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, GuardRule::guard_data);
  EXPECT_NE(findings[0].note.find("more than 90 days old"), std::string::npos);
  EXPECT_NE(findings[0].note.find(guard.own_names_file), std::string::npos);
}

TEST_F(SimulationTest, AWrongLineRefusesItByItsNumberUnlessTheSourceMayHaveSome) {
  const auto refused = simulate("a.example.test\ncanary with blanks\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().context.find("line 2"), std::string::npos);
  EXPECT_EQ(refused.error().context.find("canary"), std::string::npos);
  source.max_wrong_lines = 1;
  EXPECT_EQ(simulate("a.example.test\ncanary with blanks\n")->unenforceable, 1u);
  EXPECT_FALSE(simulate("")) << "empty and unsigned";
  source.keys = {{"k", "RW", {}}};
  EXPECT_TRUE(simulate(""));
}

TEST_F(SimulationTest, ParapetdsAnswerDecidesAndItsEntryIdsGoToTheLines) {
  const auto simulation = simulate("a.example.test\nwww.news.test\nnews.test\nisp.test\n");
  const auto said = json::parse(
      R"({"outcome": "held", "error_code": "", "error_context": "", "entries": 4, "in_force": 4, "compared": true,
          "added": 2, "removed": 2, "people_needed": 2, "findings": [
            {"rule": "growth", "count": 60, "note": "", "entry_ids": []},
            {"rule": "top_site", "count": 2, "note": "", "entry_ids": ["00000000000000aa", "00000000000000bb"]}]})");
  const auto report = report_of(*simulation, {{"simulate", said}}, "");
  EXPECT_EQ(report["touched"][0]["entries"][1],
            (json{{"line", 3}, {"guard_name", "news.test"}, {"entry_id", "00000000000000bb"}}));
  EXPECT_EQ(report["touched"][1]["entries"][0]["entry_id"], "") << "people allowed it, so parapetd does not count it";
  EXPECT_EQ(report["findings"].size(), 2u);
  EXPECT_EQ(exit_of(report), ExitCode::finding);
  std::ostringstream text;
  print_report(report, text);
  EXPECT_NE(text.str().find("(4 entries): 2 added, 2 removed"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("outcome: held: growth 60, top_site 2\n  released by 2 people"), std::string::npos);
}

TEST_F(SimulationTest, OutcomesEndWithTheirStatus) {
  for (const auto& [outcome, code] : std::vector<std::pair<const char*, ExitCode>>{{"taken", ExitCode::ok},
                                                                                   {"unchanged", ExitCode::ok},
                                                                                   {"held", ExitCode::finding},
                                                                                   {"untold", ExitCode::finding},
                                                                                   {"refused", ExitCode::unavailable},
                                                                                   {"", ExitCode::unavailable}}) {
    EXPECT_EQ(exit_of({{"outcome", outcome}}), code) << outcome;
  }
}

TEST_F(SimulationTest, TheCommandEndsByWhatItSawAndSaysNoListedName) {
  const auto [held, held_text] = run(kTouching);
  EXPECT_EQ(held, ExitCode::finding);
  EXPECT_EQ(held_text.find("canary"), std::string::npos) << held_text;
  EXPECT_NE(held_text.find("not judged"), std::string::npos) << held_text;
  const auto [as_json, json_text] = run(kTouching, {"--json", "--source", "hotline"});
  EXPECT_EQ(as_json, ExitCode::finding);
  EXPECT_EQ(json_text.find("canary"), std::string::npos);
  const auto report = json::parse(json_text)["simulate"];
  EXPECT_EQ(report["outcome"], "held");
  EXPECT_EQ(report["parapetd"]["answered"], false);
  EXPECT_EQ(run("canary.example.test\n").first, ExitCode::ok);
  const auto [unreadable, error] = run("two canary words\n");
  EXPECT_EQ(unreadable, ExitCode::unavailable);
  EXPECT_EQ(error.find("canary"), std::string::npos) << error;
  EXPECT_EQ(run("[\"x.example.test\"]", {"--format", "json"}).first, ExitCode::unavailable);
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "canary" + std::to_string(i) + ".isp.test\n";
  EXPECT_EQ(run(many).first, ExitCode::unavailable) << "nobody could release so many";
}

}  // namespace
}  // namespace parapet::cli
