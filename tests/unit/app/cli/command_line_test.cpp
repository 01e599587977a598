// SPDX-License-Identifier: Apache-2.0
// Exit statuses and outputs of the commands.
#include <gtest/gtest.h>

#include "answering_socket.h"
#include "app/cli/commands.h"
#include "app/cli/health.h"
#include "base/clock.h"
#include "capture_builder.h"
#include "counters/block.h"
#include "temp_folder.h"

namespace parapet::cli {
namespace {

struct Ended {
  ExitCode code;
  std::string out, err;
};

Ended run(std::vector<std::string> arguments) {
  std::vector<const char*> argv{"parapet"};
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const ExitCode code = run_command_line(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(CommandLine, HelpEndsWellAndShowsExamplesAndExitStatuses) {
  EXPECT_EQ(run({"--help"}).code, ExitCode::ok);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status"}, {"explain"}, {"replay"}, {"simulate"}, {"config", "check"}}) {
    auto arguments = command;
    arguments.push_back("--help");
    const auto ended = run(arguments);
    EXPECT_EQ(ended.code, ExitCode::ok);
    EXPECT_NE(ended.out.find("Examples:\n  parapet "), std::string::npos) << command[0];
    EXPECT_NE(ended.out.find("Exit status:\n  0  "), std::string::npos) << command[0];
  }
}

TEST(CommandLine, WrongArgumentsAreUsageErrors) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"nothing"},
                                                {"status", "--what"},
                                                {"explain"},
                                                {"replay"},
                                                {"simulate"},
                                                {"simulate", "x", "--config", "x"},
                                                {"simulate", "x", "--format", "other"},
                                                {"config"},
                                                {"config", "check"},
                                                {"config", "check", "--kind", "other", "x"},
                                                {"replay", "--subscriber-prefix", "x/9", "a.pcap"},
                                                {"replay", "--lists", "/none.txt", "a.pcap"}}) {
    EXPECT_EQ(run(wrong).code, ExitCode::usage);
  }
}

TEST(CommandLine, StatusWithoutAnEdgeIsUnavailable) {
  support::TempFolder folder;
  const auto ended = run({"status", "--counters", folder.file("none"), "--socket", folder.file("none")});
  EXPECT_EQ(ended.code, ExitCode::unavailable);
  EXPECT_NE(ended.out.find("edge        unknown"), std::string::npos);
}

TEST(CommandLine, StatusOfARunningEdgeEndsWellOrWithWarnings) {
  support::TempFolder folder;
  const auto path = folder.file("counters");
  auto counters = counters::CounterFile::create(path, 1, 0);
  ASSERT_TRUE(counters.has_value()) << counters.error().context;
  const Nanoseconds now = SystemClock{}.monotonic_ns();
  counters->header().state = 1;
  counters->header().heartbeat_monotonic_ns = now;
  counters->header().applied_generation = 1;
  counters->worker({0}).heartbeat_monotonic_ns = now;

  EXPECT_EQ(run({"status", "--counters", path, "--socket", folder.file("none")}).code, ExitCode::finding);
  AnsweringSocket control(folder.file("s"),
                          "{\"status\":{\"version\":\"0.1.0\",\"published\":{\"generation\":1},\"sources\":"
                          "[{\"name\":\"hotline\",\"entries\":{\"host\":1200,\"url\":34}},3]}}\n");
  const auto well = run({"status", "--counters", path, "--socket", folder.file("s")});
  EXPECT_EQ(well.code, ExitCode::ok) << well.out;
  EXPECT_NE(well.out.find("hotline"), std::string::npos);
  EXPECT_NE(well.out.find("1,234"), std::string::npos) << well.out;

  counters->header().heartbeat_monotonic_ns = 1;
  const auto dead = run({"status", "--json", "--counters", path, "--socket", folder.file("none")});
  EXPECT_EQ(dead.code, ExitCode::unavailable);
  EXPECT_EQ(nlohmann::json::parse(dead.out)["edge"]["state"], "not running");
}

TEST(CommandLine, ExplainEndsByWhetherItIsListed) {
  support::TempFolder folder;
  const std::string url = "http://listed.example.test/";
  {
    AnsweringSocket control(
        folder.file("one"),
        "{\"explain\":{\"generation\":4,\"matches\":[{\"entry_id\":\"0123456789abcdef\",\"list\":\"hotline\","
        "\"state\":\"enforce\",\"kind\":\"url\",\"ends\":1806530399.0,\"for_some\":true,\"protocols\":{\"http\":{"
        "\"how\":\"exact\",\"reason\":\"none\"},"
        "\"dns\":{\"how\":\"unenforceable\",\"reason\":\"only_name_visible\"},\"tls\":5}},7]}}\n");
    const auto ended = run({"explain", "--socket", folder.file("one"), url});
    EXPECT_EQ(ended.code, ExitCode::ok);
    for (const char* part : {"0123456789abcdef", "hotline", "exact", "unenforceable (only_name_visible)",
                             "2027-03-31 21:59:59 UTC", "not for every subscriber"}) {
      EXPECT_NE(ended.out.find(part), std::string::npos) << ended.out;
    }
  }
  {
    AnsweringSocket control(folder.file("no"), "{\"explain\":{\"generation\":4,\"matches\":[]}}\n");
    EXPECT_EQ(run({"explain", "--socket", folder.file("no"), url}).code, ExitCode::finding);
  }
  {
    AnsweringSocket control(folder.file("other"), "{\"listed\":true}\n");
    EXPECT_EQ(run({"explain", "--socket", folder.file("other"), url}).code, ExitCode::unavailable);
  }
  {
    AnsweringSocket control(folder.file("nourl"),
                            "{\"error\":{\"code\":\"invalid_argument\",\"context\":\"no URL\"}}\n");
    EXPECT_EQ(run({"explain", "--socket", folder.file("nourl"), url}).code, ExitCode::usage);
  }
  {
    AnsweringSocket control(folder.file("refused"), "{\"error\":{\"code\":\"limit\",\"context\":\"too often\"}}\n");
    const auto ended = run({"explain", "--socket", folder.file("refused"), url});
    EXPECT_EQ(ended.code, ExitCode::unavailable);
    EXPECT_NE(ended.err.find("too often"), std::string::npos);
  }
  EXPECT_EQ(run({"explain", "--socket", folder.file("none"), url}).code, ExitCode::unavailable);
}

TEST(CommandLine, ConfigCheckNamesFileLineAndColumn) {
  support::TempFolder folder;
  const auto bad = folder.write("control.toml", "[control]\nsocket = 5\nunknown_key = 1\n");
  const auto ended = run({"config", "check", bad});
  EXPECT_EQ(ended.code, ExitCode::finding);
  EXPECT_NE(ended.err.find(bad + ":2:"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find(bad + ":3:"), std::string::npos) << ended.err;
  const auto neither = folder.write("neither.toml", "x = 1\n");
  EXPECT_EQ(run({"config", "check", neither}).code, ExitCode::finding);
  EXPECT_EQ(run({"config", "check", folder.file("none.toml")}).code, ExitCode::finding);
  const auto broken = run({"config", "check", folder.write("broken.toml", "[control\n")});
  EXPECT_EQ(broken.code, ExitCode::finding);
  EXPECT_NE(broken.err.find("broken.toml:1:"), std::string::npos) << broken.err;
}

TEST(CommandLine, AScopeLockIsMadeSignedByTwoAndShown) {
  support::TempFolder folder;
  const auto lock = folder.file("scope.lock"), anna = folder.file("anna.key"), boris = folder.file("boris.key");
  std::string approvers = "[control]\nstate_directory = \"/s\"\nsnapshot_file = \"/s/snapshot\"\n";
  approvers += "digest_key_file = \"/s/key\"\ncounters_file = \"/r/counters\"\nsocket = \"/r/socket\"\n";
  approvers += "[[source]]\nname = \"a\"\nurl = \"https://a.example.test/l\"\n";
  approvers += run({"key", "new", "anna", anna}).out + run({"key", "new", "boris", boris}).out;
  const auto config = folder.write("control.toml", approvers);
  EXPECT_EQ(run({"scope", "new", lock, "two words"}).code, ExitCode::usage);
  EXPECT_EQ(run({"scope", "new", lock, "fraud", "csam", "--sequence", "4"}).code, ExitCode::ok);
  EXPECT_EQ(run({"scope", "new", lock, "csam"}).code, ExitCode::finding) << "it is there already";
  EXPECT_EQ(run({"scope", "show", lock}).code, ExitCode::finding);
  EXPECT_NE(run({"scope", "sign", lock, "--key", anna}).out.find("another person must"), std::string::npos);
  EXPECT_EQ(run({"scope", "sign", lock, "--key", anna}).code, ExitCode::finding);
  EXPECT_EQ(run({"scope", "show", lock, "--config", config}).code, ExitCode::finding);
  EXPECT_EQ(run({"scope", "sign", lock, "--key", boris}).code, ExitCode::ok);
  const auto shown = run({"scope", "show", lock, "--config", config});
  EXPECT_EQ(shown.code, ExitCode::ok) << shown.err;
  EXPECT_NE(shown.out.find("categories  csam fraud\nsigned by   anna boris\n"), std::string::npos) << shown.out;
  EXPECT_EQ(run({"scope", "show", config}).code, ExitCode::finding) << "no lock at all";
}

TEST(CommandLine, ReplayEndsByWhetherEveryFileCouldBeRead) {
  support::TempFolder folder;
  const auto good = folder.write("good.pcap", text_of(pcap({}, {Bytes(60)})));
  const auto bad = folder.write("bad.pcap", "no capture");
  const auto ended = run({"replay", good});
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_NE(ended.out.find("1 file, 1 frames"), std::string::npos) << ended.out;
  const auto mixed = run({"replay", "--json", "--show-requests", bad, good});
  EXPECT_EQ(mixed.code, ExitCode::finding);
  EXPECT_NE(mixed.err.find("bad.pcap: neither pcap nor pcapng"), std::string::npos) << mixed.err;
  EXPECT_NE(mixed.err.find("personal data"), std::string::npos);
  EXPECT_EQ(run({"replay", "/dev/null"}).code, ExitCode::finding);
}

}  // namespace
}  // namespace parapet::cli
