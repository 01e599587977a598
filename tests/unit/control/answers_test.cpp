// SPDX-License-Identifier: Apache-2.0
// The messages of the control socket, and hostile questions.
#include "control/answers.h"

#include <gtest/gtest.h>
#include <random>

#include "digested.h"
#include "fake_clock.h"
#include "temp_folder.h"

namespace parapet::control {
namespace {

using support::kListKey;

class AnswersTest : public testing::Test {
 protected:
  std::string answer(std::string_view line) {
    return answer_question(line, {[this] { return status(); }, explainer, options});
  }
  ControlStatus status() {
    lists::UpdateStatus update;
    update.published.generation = 7;
    lists::SourceStatus source;
    source.name = "hotline";
    source.error_code = "timeout";
    source.error_context = "fetch: too \"slow\"";
    update.sources.push_back(source);
    return {update, fail(ErrorCode::not_found, "no edge"), digest::key_id(kListKey), clock.realtime_ns(),
            clock.monotonic_ns()};
  }

  support::TempFolder folder;
  support::FakeClock clock;
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
  config::ControlOptions options;
  Explainer explainer{600, kListKey, clock, audit, [](std::optional<Nanoseconds> at) -> Result<lists::ListsThen> {
                        if (at && *at < 1'000 * kNanosecondsPerSecond)
                          return fail(ErrorCode::not_found, "too long ago");
                        auto list = std::make_shared<const lists::DigestedList>(support::digested("a.example.test\n"));
                        return lists::ListsThen{at ? 6U : 7U,
                                                {{config::SourceState::enforce, std::move(list), {}, {}}}};
                      }};
};

TEST_F(AnswersTest, StatusIsOneLineOfItsShape) {
  const auto text = answer(R"({"ask":"status"})");
  EXPECT_TRUE(text.starts_with(R"({"status":{"version":")")) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
  for (const std::string_view part :
       {R"("published":{"generation":7,)", R"("edge":{"up":false,"error_code":"not_found"})", R"("name":"hotline")",
        R"("error_context":"fetch: too \"slow\"")", R"("ledger":{"http":{"exact":0,)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST_F(AnswersTest, ExplainTellsEntryListAndProtocols) {
  const auto text = answer(R"({"ask":"explain","url":"http://a.example.test/"})");
  EXPECT_TRUE(text.starts_with(R"({"explain":{"generation":7,"matches":[{"entry_id":")")) << text;
  EXPECT_NE(text.find(R"("lifted":false,"kind":"host","appeal_code":")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("ends":0.0,"for_some":false,"protocols":{"http":{"how":"exact","reason":"none"})"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("quic":{"how":"exact","reason":"none"})"), std::string::npos) << text;
  EXPECT_EQ(answer(R"({"ask":"explain","url":"b.example.test"})"), R"({"explain":{"generation":7,"matches":[]}})");
}

TEST_F(AnswersTest, QuestionsThatAreNoneGetANamedError) {
  for (const std::string_view line : {"", "nonsense", "[]", "{}", "{\"ask\":1}", "{\"ask\":\"explain\"}",
                                      "{\"ask\":\"explain\",\"url\":7}", "{\"ask\":\"status\"", "\xff\xfe"}) {
    EXPECT_TRUE(answer(line).starts_with(R"({"error":{"code":"malformed",)")) << line << answer(line);
  }
  EXPECT_TRUE(answer(R"({"ask":"shutdown"})").starts_with(R"({"error":{"code":"unsupported",)"));
  EXPECT_TRUE(answer(R"({"ask":"explain","url":"se cret"})").starts_with(R"({"error":{"code":"invalid_argument",)"));
  EXPECT_EQ(answer(R"({"ask":"explain","url":"se cret"})").find("cret"), std::string::npos);
}

TEST_F(AnswersTest, HostileQuestionsAlwaysGetOneLine) {
  std::minstd_rand random{9};
  EXPECT_TRUE(answer(std::string(16'000, '[')).starts_with("{\"error\""));
  for (int round = 0; round < 2000; ++round) {
    std::string line = R"({"ask":"explain","url":"http://a.example.test/"})";
    for (auto flips = 1 + random() % 4; flips > 0; --flips) line[random() % line.size()] = static_cast<char>(random());
    const auto text = answer(line);
    EXPECT_TRUE(text.starts_with('{') && text.ends_with('}') && text.find('\n') == std::string::npos) << text;
  }
}

}  // namespace
}  // namespace parapet::control
