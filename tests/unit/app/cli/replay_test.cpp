// SPDX-License-Identifier: Apache-2.0
// Captures through the pipeline: what is reported, with which entries.
#include "app/cli/replay.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/ipv4_header.h"
#include "capture_builder.h"
#include "packet_builder.h"
#include "requests.h"
#include "temp_folder.h"

namespace parapet::cli {
namespace {

using support::Ends;
using support::PacketBuilder;
using support::TcpConversation;

Bytes dns_frame(std::string_view name) {
  return PacketBuilder({"192.0.2.10", "198.51.100.53", 40001, 53}).payload(support::dns_query({name})).udp();
}

std::vector<Bytes> http_connection(std::initializer_list<std::string_view> segments) {
  TcpConversation tcp;
  std::vector<Bytes> frames;
  for (auto& sent : tcp.handshake()) frames.push_back(sent.bytes);
  std::size_t offset = 0;
  for (const auto segment : segments) {
    frames.push_back(tcp.data(offset, segment).bytes);
    offset += segment.size();
    frames.push_back(tcp.server_ack(offset).bytes);
  }
  return frames;
}

struct Replayed {
  ReplayOutcome outcome;
  std::vector<nlohmann::json> lines;
};

class ReplayTest : public testing::Test {
 protected:
  Replayed replay(const Bytes& file, std::vector<std::string> lists = {}, const ReplayOptions& options = {},
                  bool show_requests = true) {
    auto loaded = ReplayLists::load(lists, {});
    EXPECT_TRUE(loaded.has_value()) << loaded.error().context;
    std::ostringstream out;
    RequestReport report(out, *loaded, {.json = true, .show_requests = show_requests});
    report.begin_file("made.pcap");
    MemorySource source(file);
    auto outcome = replay_capture(source, file.size(), *loaded, options, report);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().context;
    Replayed replayed{std::move(*outcome), {}};
    std::istringstream text(out.str());
    for (std::string line; std::getline(text, line);) replayed.lines.push_back(nlohmann::json::parse(line));
    return replayed;
  }
  std::string list(std::string_view name, std::string_view text) { return folder_.write(name, text); }

  support::TempFolder folder_;
};

TEST_F(ReplayTest, ReportsARequestAtTheFrameThatCompletedIt) {
  const auto replayed =
      replay(pcap({}, http_connection({"GET /page?q=1 HTTP/1.1\r\nHo", "st: www.example.test\r\n\r\n"})));
  ASSERT_EQ(replayed.lines.size(), 1U);
  EXPECT_EQ(replayed.lines[0],
            nlohmann::json::parse(R"({"file":"made.pcap","frame":6,"protocol":"http","verdict":"pass","entries":[],
              "src":"192.0.2.10","sport":40000,"dst":"198.51.100.20","dport":80,"host":"www.example.test","target":"/page?q=1"})"));
  EXPECT_EQ(replayed.outcome.frames, 7U);
}

TEST_F(ReplayTest, WithoutShowRequestsNothingOfTheRequestIsWritten) {
  const auto replayed = replay(pcap({}, {dns_frame("www.example.test")}), {}, {}, false);
  ASSERT_EQ(replayed.lines.size(), 1U);
  EXPECT_EQ(replayed.lines[0],
            nlohmann::json::parse(R"({"file":"made.pcap","frame":1,"protocol":"dns","verdict":"pass","entries":[]})"));
}

TEST_F(ReplayTest, EntriesAreThoseThatHoldTheRequestAndNoOthersOfTheSameName) {
  const auto file = pcap(
      {}, {dns_frame("sub.listed.example.test"), dns_frame("listed.example.test"), dns_frame("other.example.test")});
  const std::string csv = list("list.csv", "value,kind\nlisted.example.test,host\nlisted.example.test,domain\n");
  const auto replayed = replay(file, {csv});
  ASSERT_EQ(replayed.lines.size(), 3U);
  EXPECT_EQ(replayed.lines[0]["verdict"], "block");
  EXPECT_EQ(replayed.lines[0]["entries"].size(), 1U);
  EXPECT_EQ(replayed.lines[1]["verdict"], "block");
  EXPECT_EQ(replayed.lines[1]["entries"].size(), 2U);
  EXPECT_EQ(replayed.lines[2]["verdict"], "pass");
  EXPECT_EQ(replayed.lines[2]["entries"].size(), 0U);
  const std::string id = replayed.lines[0]["entries"][0];
  EXPECT_EQ(id.size(), 16U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(ReplayTest, WhatHadEndedWhenItWasAskedForWasNotStopped) {
  const auto file = pcap({}, {dns_frame("a.example.test"), dns_frame("a.example.test"), dns_frame("b.example.test")});
  const std::string csv =
      list("list.csv", "value,ends\na.example.test,1970-01-01T00:01:41Z\nb.example.test,2106-02-07\n");
  const auto replayed = replay(file, {csv});  // the frames are of 100, 101 and 102 s after 1970 began
  ASSERT_EQ(replayed.lines.size(), 3U);
  EXPECT_EQ(replayed.lines[0]["verdict"], "block");
  EXPECT_EQ(replayed.lines[1]["verdict"], "pass");
  EXPECT_EQ(replayed.lines[2]["verdict"], "block");
}

TEST_F(ReplayTest, AUrlOfOneListAndAHostOfAnotherBothShow) {
  const auto file = pcap({}, http_connection({"GET /page HTTP/1.1\r\nHost: listed.example.test\r\n\r\n"}));
  const auto lists =
      std::vector{list("a.txt", "http://listed.example.test/page\n"), list("b.txt", "listed.example.test\n")};
  const auto replayed = replay(file, lists);
  ASSERT_EQ(replayed.lines.size(), 1U);
  EXPECT_EQ(replayed.lines[0]["entries"].size(), 2U);
  EXPECT_EQ(replay(file, {lists[0]}).lines[0]["verdict"], "block");
}

TEST_F(ReplayTest, UnfinishedChecksumsAreTakenForRightUnlessVerified) {
  auto frames = http_connection({"GET / HTTP/1.1\r\nHost: www.example.test\r\n\r\n"});
  for (auto& frame : frames) {
    frame[24] = frame[25] = 0;  // IPv4 header
    frame[50] ^= 0x55;          // TCP
  }
  EXPECT_EQ(replay(pcap({}, frames)).lines.size(), 1U);
  EXPECT_EQ(replay(pcap({}, frames), {}, {.verify_checksums = true, .subscribers = {}}).lines.size(), 0U);
}

TEST_F(ReplayTest, FinishingAnIpv4HeaderLeavesARightOneAsItIs) {
  for (const auto& ends : {Ends{}, Ends::v6()}) {
    const Bytes frame = PacketBuilder(ends).payload("x").udp();
    Bytes finished = frame;
    finish_ipv4_headers(finished, packet::LinkType::ethernet);
    EXPECT_EQ(finished, frame);
  }
  for (std::size_t length = 0; length < 40; ++length) {
    Bytes cut = PacketBuilder({}).payload("x").udp();
    cut.resize(length);
    finish_ipv4_headers(cut, packet::LinkType::ethernet);
    EXPECT_EQ(cut.size(), length);
  }
}

TEST_F(ReplayTest, ASegmentThatTheCardWasToCutIsReadWithTheLengthItHas) {
  auto frames = http_connection({"GET / HTTP/1.1\r\nHost: www.example.test\r\n\r\n"});
  frames[3][16] = frames[3][17] = 0;  // IPv4 total length
  EXPECT_EQ(replay(pcap({}, frames)).lines.size(), 1U);
  EXPECT_EQ(replay(pcap({}, frames), {}, {.verify_checksums = true, .subscribers = {}}).lines.size(), 0U);
}

TEST_F(ReplayTest, SegmentsThatTheHostJoinedAreReadToTheirEnd) {
  const std::string body(32'000, 'b');
  const std::string both = "POST /up HTTP/1.1\r\nHost: www.example.test\r\nContent-Length: 32000\r\n\r\n" + body +
                           "GET / HTTP/1.1\r\nHost: next.example.test\r\n\r\n";
  for (const bool verify : {false, true}) {
    auto frames = http_connection({both});
    const auto replayed = replay(pcap({}, frames), {}, {.verify_checksums = verify, .subscribers = {}});
    ASSERT_EQ(replayed.lines.size(), 2U) << verify;
    EXPECT_EQ(replayed.lines[1]["host"], "next.example.test");
    EXPECT_EQ(replayed.lines[1]["frame"], 4);
    frames[3][50] ^= 0x55;  // TCP checksum
    EXPECT_EQ(replay(pcap({}, frames), {}, {.verify_checksums = verify, .subscribers = {}}).lines.size(),
              verify ? 0U : 2U);
  }
}

TEST_F(ReplayTest, TargetsAreReportedInTheFormTheyHave) {
  const auto asked = [&](std::string_view request) {
    const auto replayed = replay(pcap({}, http_connection({request})));
    EXPECT_EQ(replayed.lines.size(), 1U);
    const auto& line = replayed.lines.at(0);
    return line["host"].get<std::string>() + " " + line["target"].get<std::string>();
  };
  EXPECT_EQ(asked("GET /a HTTP/1.1\r\nHost: x.test:81\r\n\r\n"), "x.test:81 /a");
  EXPECT_EQ(asked("GET http://y.test/a HTTP/1.1\r\nHost: x.test\r\n\r\n"), "x.test http://y.test/a");
  EXPECT_EQ(asked("GET http://y.test/a HTTP/1.1\r\n\r\n"), " http://y.test/a");
  EXPECT_EQ(asked("CONNECT y.test:443 HTTP/1.1\r\nHost: x.test\r\n\r\n"), "x.test y.test:443");
  EXPECT_EQ(asked("OPTIONS * HTTP/1.1\r\nHost: x.test\r\n\r\n"), "x.test *");
}

TEST_F(ReplayTest, LinesOfTwoWordsThatNameNoHostAreNoRequests) {
  for (const std::string_view line : {"RETR /x\r\n", "ipconfig /all\r\n", "CONNECT {\"a\":1}\r\n"}) {
    EXPECT_EQ(replay(pcap({}, http_connection({line}))).lines.size(), 0U) << line;
  }
  EXPECT_EQ(replay(pcap({}, http_connection({"GET /x HTTP/1.0\r\n\r\n"}))).lines.size(), 1U);
  EXPECT_EQ(replay(pcap({}, http_connection({"GET http://x.test/\r\n"}))).lines.size(), 1U);
}

TEST_F(ReplayTest, ADnsQuestionForTheRootHasAHostOfItsOwn) {
  const auto replayed = replay(pcap({}, {dns_frame("")}));
  ASSERT_EQ(replayed.lines.size(), 1U);
  EXPECT_EQ(replayed.lines[0]["host"], "<root>");
}

TEST_F(ReplayTest, UnknownLinkTypesAndCutCapturesAreWarnedAbout) {
  Bytes file = pcap({.link_type = 105}, {Bytes(20), Bytes(20)});
  file.pop_back();
  const auto replayed = replay(file);
  ASSERT_EQ(replayed.outcome.warnings.size(), 2U);
  EXPECT_EQ(replayed.outcome.warnings[0],
            "1 frames of link type 105 skipped: read are Ethernet, raw IP, PPP, PPPoE, SLL, SLL2 and null");
  EXPECT_EQ(replayed.outcome.warnings[1], "cut short inside a frame after frame 1; what stands before it was read");
}

TEST_F(ReplayTest, RawIpIsReadToo) {
  Bytes frame = dns_frame("www.example.test");
  frame.erase(frame.begin(), frame.begin() + 14);
  EXPECT_EQ(replay(pcap({.link_type = 101}, {frame})).lines.size(), 1U);
}

TEST_F(ReplayTest, TimeThatGoesBackDoesNotStopTheReading) {
  const auto frames = http_connection({"GET / HTTP/1.1\r\nHost: www.example.test\r\n\r\n"});
  Bytes file = pcap({}, {});
  std::uint32_t second = 1000;
  for (const auto& frame : frames) support::append(file, pcap_record({}, frame, second -= 100));
  EXPECT_EQ(replay(file).lines.size(), 1U);
}

TEST_F(ReplayTest, NamesThatAreNoTextAreWrittenAsValidJson) {
  const auto replayed = replay(pcap({}, http_connection({"GET / HTTP/1.1\r\nHost: \xff\xc3.example.test\r\n\r\n"})));
  ASSERT_EQ(replayed.lines.size(), 1U);
  EXPECT_EQ(replayed.lines[0]["host"], "\xef\xbf\xbd\xef\xbf\xbd.example.test");
}

TEST_F(ReplayTest, ListsThatCannotBeReadAreNamedWithoutTheirText) {
  const auto bad = list("bad.txt", "www.example.test\nsecret.example.test/\x01\n");
  const auto loaded = ReplayLists::load({bad}, {});
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().context.find("bad.txt"), std::string::npos);
  EXPECT_NE(loaded.error().context.find("line 2"), std::string::npos);
  EXPECT_EQ(loaded.error().context.find("secret"), std::string::npos);
}

TEST(DnsNames, OddBytesAreEscaped) {
  EXPECT_EQ(escape_dns_name(bytes_of("www.example.test")), "www.example.test");
  EXPECT_EQ(escape_dns_name(bytes_of(std::string_view("a b\\\0\xff", 6))), "a\\032b\\092\\000\\255");
}

}  // namespace
}  // namespace parapet::cli
