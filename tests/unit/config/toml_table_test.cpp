// SPDX-License-Identifier: Apache-2.0
// Typed reading: what is right is taken, what is wrong is told with its place.
#include "config/toml_table.h"

#include <gtest/gtest.h>
#include <array>
#include <random>

namespace parapet::config {
namespace {

enum class Colour { red, green };
constexpr std::array<std::pair<std::string_view, Colour>, 2> kColours{{{"red", Colour::red}, {"green", Colour::green}}};

// Reads the keys that these tests use and returns what finish() says.
std::string errors_of(std::string_view text) {
  auto document = TomlDocument::parse(text, "a.toml");
  if (!document) return document.error().context;
  TomlTable root = document->root();
  TomlTable table = root.table("part");
  table.integer("size", 10, 100, 50);
  table.power_of_two("slots", 2, 64, 4);
  table.text("path", kPathRule, "");
  table.boolean("on", true);
  table.choice<Colour>("colour", kColours, Colour::red);
  table.integers("cores", 0, 7, 0, 2);
  for (auto& item : root.tables("item", 0, 2)) item.text("name", kNameRule);
  auto status = document->finish();
  return status ? "" : status.error().context;
}

TEST(TomlTable, TakesValuesOfEachType) {
  auto document = TomlDocument::parse(
      "[part]\nsize = 20\nslots = 8\npath = \"/a\"\non = false\ncolour = \"green\"\ncores = [1, 3]\n", "a.toml");
  ASSERT_TRUE(document);
  TomlTable table = document->root().table("part");
  EXPECT_EQ(table.integer("size", 10, 100), 20u);
  EXPECT_EQ(table.power_of_two("slots", 2, 64), 8u);
  EXPECT_EQ(table.text("path", kPathRule), "/a");
  EXPECT_FALSE(table.boolean("on"));
  EXPECT_EQ(table.choice<Colour>("colour", kColours), Colour::green);
  EXPECT_EQ(table.integers("cores", 0, 7, 1, 2), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_TRUE(document->finish());
}

TEST(TomlTable, FallbacksStandForMissingKeys) { EXPECT_EQ(errors_of(""), ""); }

TEST(TomlTable, NamesFileLineColumnKeyAndExpectation) {
  EXPECT_EQ(errors_of("[part]\nsize = -3\n"), "a.toml:2:8: part.size: expected an integer 10..100, found -3");
  EXPECT_EQ(errors_of("[part]\nslots = 7\n"), "a.toml:2:9: part.slots: expected a power of two 2..64, found 7");
  EXPECT_EQ(errors_of("[part]\non = 1\n"), "a.toml:2:6: part.on: expected true or false, found 1");
  EXPECT_EQ(errors_of("[part]\ncolour = \"blue\"\n"),
            "a.toml:2:10: part.colour: expected \"red\" or \"green\", found \"blue\"");
  EXPECT_EQ(errors_of("[part]\ncores = [1, 9]\n"),
            "a.toml:2:13: part.cores: expected an array of 0..2 integers, each 0..7, found 9");
  EXPECT_EQ(errors_of("part = 3\n"), "a.toml:1:8: part: expected a table, found 3");
  EXPECT_EQ(errors_of("[[item]]\nname = \"a\"\n[[item]]\n"),
            "a.toml:3:1: item.name: missing; expected 1..32 of a-z 0-9 -");
}

TEST(TomlTable, NeverRepeatsAStringThatIsNoKnownWord) {
  const auto errors = errors_of("[part]\npath = \"user:secret\"\n");
  EXPECT_EQ(errors, "a.toml:2:8: part.path: expected an absolute path, found another string");
}

TEST(TomlTable, UnknownKeysAreErrorsAndTheMeantOneIsNamed) {
  EXPECT_EQ(errors_of("[part]\nsise = 20\n"), "a.toml:2:1: part.sise: unknown key; did you mean size?");
  EXPECT_EQ(errors_of("[part]\nweather = 20\n"), "a.toml:2:1: part.weather: unknown key");
  EXPECT_EQ(errors_of("[prat]\nsize = 20\n"), "a.toml:1:2: prat: unknown key; did you mean part?");
}

TEST(TomlTable, ReportsAllErrorsInFileOrder) {
  EXPECT_EQ(errors_of("[part]\nx_y_z = 1\nsize = 5\nslots = 3\n"),
            "a.toml:2:1: part.x_y_z: unknown key\n"
            "a.toml:3:8: part.size: expected an integer 10..100, found 5\n"
            "a.toml:4:9: part.slots: expected a power of two 2..64, found 3");
}

TEST(TomlTable, SyntaxErrorsHaveTheirPlace) {
  const auto document = TomlDocument::parse("[part]\nsize = = 3\n", "a.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::invalid_config);
  EXPECT_TRUE(document.error().context.starts_with("a.toml:2:8: not TOML: ")) << document.error().context;
}

TEST(TomlTable, RefusesAFileOverTheLimit) {
  const auto document = TomlDocument::parse(std::string(kMaxConfigFile + 1, '#'), "a.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::limit);
}

TEST(TomlTable, GarbageNeverCrashesAndAlwaysHasAnError) {
  std::minstd_rand random{7};
  for (int round = 0; round < 3000; ++round) {
    std::string text = "[part]\nsize = 20\n[[item]]\nname = \"a\"\n";
    for (auto flips = 1 + random() % 4; flips > 0; --flips) text[random() % text.size()] = static_cast<char>(random());
    const auto errors = errors_of(text);
    EXPECT_TRUE(errors.empty() || errors.starts_with("a.toml:")) << errors;
  }
  EXPECT_NE(errors_of(std::string(100'000, '[')), "");
  EXPECT_NE(errors_of(std::string("a = \0", 5)), "");
}

}  // namespace
}  // namespace parapet::config
