// SPDX-License-Identifier: Apache-2.0
// What is configured otherwise is recorded once, by its keys alone.
#include "control/configuration_record.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "digested.h"
#include "fake_clock.h"
#include "temp_folder.h"

namespace parapet::control {
namespace {

constexpr std::string_view kBefore =
    "[control]\nsocket = \"/first\"\nlog_level = \"info\"\n[[source]]\nname = \"hotline\"\n";

class ConfigurationRecordTest : public testing::Test {
 protected:
  Status start(std::string_view toml) {
    return record_configuration(toml, "control.toml", folder.path(), support::kListKey, audit);
  }
  std::vector<nlohmann::json> records() const {
    std::vector<nlohmann::json> found;
    std::istringstream lines(folder.read("audit.jsonl"));
    for (std::string line; std::getline(lines, line);) found.push_back(nlohmann::json::parse(line));
    return found;
  }

  support::TempFolder folder;
  support::FakeClock clock;
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
};

TEST_F(ConfigurationRecordTest, TheFirstStartRecordsAllKeysAndTheNextNothing) {
  ASSERT_TRUE(start(kBefore));
  ASSERT_TRUE(start(kBefore));
  ASSERT_TRUE(start("# a comment, and another order\n" + std::string(kBefore)));
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0]["type"], "configuration_changed");
  EXPECT_EQ(records()[0]["previous"], "");
  EXPECT_EQ(records()[0]["added"], "control.log_level control.socket source.hotline.name");
}

TEST_F(ConfigurationRecordTest, WhatChangedIsNamedAndNoValueIsTold) {
  ASSERT_TRUE(start(kBefore));
  ASSERT_TRUE(
      start("[control]\nsocket = \"/second\"\n[[source]]\nname = \"hotline\"\nurl = \"https://u.example.test\"\n"));
  ASSERT_EQ(records().size(), 2u);
  const auto record = records()[1];
  EXPECT_EQ(record["changed"], "control.socket");
  EXPECT_EQ(record["added"], "source.hotline.url");
  EXPECT_EQ(record["removed"], "control.log_level");
  EXPECT_EQ(record["unnamed"], 0);
  EXPECT_EQ(record["previous"], records()[0]["digest"]);
  EXPECT_NE(record["previous"], record["digest"]);
  const auto kept = folder.read("configuration");
  for (const char* value : {"/first", "/second", "u.example.test"}) {
    EXPECT_EQ(folder.read("audit.jsonl").find(value), std::string::npos) << value;
    EXPECT_EQ(kept.find(value), std::string::npos) << value;
  }
}

TEST_F(ConfigurationRecordTest, OneValueThatMovesToAnotherKeyIsAChangeOfBoth) {
  ASSERT_TRUE(start("[control]\na = 1\nb = 2\n"));
  ASSERT_TRUE(start("[control]\na = 2\nb = 1\n"));
  EXPECT_EQ(records()[1]["changed"], "control.a control.b");
}

TEST_F(ConfigurationRecordTest, TooManyKeysAreCounted) {
  std::string many = "[control]\n";
  for (int i = 0; i < 300; ++i) many += "key" + std::to_string(1000 + i) + " = 1\n";
  ASSERT_TRUE(start(many));
  EXPECT_EQ(records()[0]["unnamed"], 100);
}

TEST_F(ConfigurationRecordTest, StateThatWasChangedIsRefused) {
  ASSERT_TRUE(start(kBefore));
  folder.write("configuration", folder.read("configuration") + "x");
  EXPECT_EQ(start(kBefore).error().code, ErrorCode::integrity);
}

}  // namespace
}  // namespace parapet::control
