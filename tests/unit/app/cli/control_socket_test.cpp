// SPDX-License-Identifier: Apache-2.0
// Asking parapetd.
#include "app/cli/control_socket.h"

#include <gtest/gtest.h>

#include "answering_socket.h"
#include "temp_folder.h"

namespace parapet::cli {
namespace {

Result<nlohmann::json> ask(const std::string& answer) {
  support::TempFolder folder;
  AnsweringSocket control(folder.file("s"), answer);
  return ask_control(folder.file("s"), {{"ask", "status"}});
}

TEST(ControlSocket, SendsOneLineAndTakesOneLine) {
  support::TempFolder folder;
  AnsweringSocket control(folder.file("s"), "{\"listed\":true}\n{\"next\":1}\n");
  const auto answer = ask_control(folder.file("s"), {{"ask", "explain"}, {"url", "http://www.example.test/"}});
  ASSERT_TRUE(answer.has_value()) << answer.error().context;
  EXPECT_EQ(*answer, (nlohmann::json{{"listed", true}}));
  EXPECT_EQ(control.question(), "{\"ask\":\"explain\",\"url\":\"http://www.example.test/\"}\n");
}

TEST(ControlSocket, AnErrorOfParapetdIsARefusalWithItsWords) {
  const auto answer = ask("{\"error\":{\"code\":\"limit\",\"context\":\"30 a minute\"}}\n");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
  EXPECT_EQ(answer.error().context, "parapetd says limit: 30 a minute");
}

TEST(ControlSocket, AnswersThatAreNoObjectAreMalformed) {
  for (const char* bad : {"", "\n", "[]\n", "{\"a\":\n", "\xff\xfe\n", "nonsense"}) {
    const auto answer = ask(bad);
    ASSERT_FALSE(answer.has_value()) << bad;
    EXPECT_EQ(answer.error().code, ErrorCode::malformed) << bad;
  }
}

TEST(ControlSocket, NobodyListeningIsUnavailable) {
  support::TempFolder folder;
  const auto answer = ask_control(folder.file("none"), {{"ask", "status"}});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_EQ(ask_control(std::string(200, 'x'), {}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet::cli
