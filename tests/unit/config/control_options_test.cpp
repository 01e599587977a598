// SPDX-License-Identifier: Apache-2.0
// control.toml: the file in conf/ loads, defaults are those it tells, mistakes are named.
#include "config/control_options.h"

#include <gtest/gtest.h>
#include <fstream>

#include "control_toml.h"

namespace parapet::config {
namespace {

using support::error_of;
using support::kControl;
using support::with_source;

TEST(ControlOptions, TheFileInConfLoads) {
  std::ifstream in(PARAPET_ROOT "/conf/control.toml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto options = parse_control_options(text, "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->operator_group, "parapet");
  ASSERT_EQ(options->sources.size(), 1u);
  EXPECT_EQ(options->sources[0].state, SourceState::enforce);
}

// conf/control.toml with these lines, which are comments there, and without its own format.
std::string conf_with(std::initializer_list<std::string_view> lines) {
  std::ifstream in(PARAPET_ROOT "/conf/control.toml");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::size_t from = 0;
  for (const std::string_view line : lines) {
    const auto at = text.find("\n# " + std::string(line), from);
    EXPECT_NE(at, std::string::npos) << line;
    text.erase(at + 1, 2);
    from = at + 1;
  }
  const auto format = text.find("format          = \"plain\"");
  EXPECT_NE(format, std::string::npos);
  text.erase(format, text.find('\n', format) - format);
  return text;
}

TEST(ControlOptions, TheCommentedKeysOfConfLoadToo) {
  auto text = conf_with({"[source.csv]", "delimiter", "header", "value_column", "kind_column", "ends_column",
                         "operation_column", "version_column", "base_column"});
  text.insert(text.find("packing "), "format = \"csv\"\nincrements = true\n");
  auto options = parse_control_options(text, "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].format, FeedFormat::csv);
  EXPECT_EQ(options->sources[0].csv.kind_column, "kind");
  EXPECT_EQ(options->sources[0].csv.ends_column, "valid_until");
  text = conf_with({"full_url", "[source.json]", "entries", "value", "kind", "ends", "operation", "version", "base",
                    "[[source.kind_word]]", "word", "kind"});
  text.insert(text.find("packing "), "format = \"json\"\nincrements = true\n");
  options = parse_control_options(text, "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].json.entries, "/data/items");
  EXPECT_EQ(options->sources[0].json.ends, "/valid_until");
  EXPECT_EQ(options->sources[0].full_url, "https://hotline.example.test/full.json");
  EXPECT_EQ(options->sources[0].kind_words.at(0).word, "FQDN");
}

TEST(ControlOptions, TheCommentedKeysOfAZoneLoadToo) {
  auto text = conf_with({"primary", "zone", "tsig ", "tsig_key_file"});
  for (const char* key :
       {"url ", "packing ", "encoding ", "ca_file ", "credentials ", "credentials_file ", "host_kind ", "url_kind "}) {
    const auto at = text.find("\n" + std::string(key));
    ASSERT_NE(at, std::string::npos) << key;
    text.erase(at, text.find('\n', at + 1) - at);
  }
  const auto options = parse_control_options(text, "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].primary, "192.0.2.53:53");
  EXPECT_EQ(options->sources[0].zone, "rpz.example.test");
}

TEST(ControlOptions, WhatConfSaysAboutStandingLoads) {
  auto text = conf_with({"ends", "max_stale_s", "when_stale", "[[source.applies_to]]", "realms", "[[source.exempt]]",
                         "realms", "prefixes"});
  const auto options = parse_control_options(text, "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_GT(options->sources[0].standing.ends_s, 0u);
  EXPECT_EQ(options->sources[0].standing.exempt.size(), 1u);
}

TEST(ControlOptions, DefaultsAreThoseOfConf) {
  const auto options = parse_control_options(with_source(""), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->operator_group, "parapet");
  EXPECT_EQ(options->metrics_address, "127.0.0.1:9464");
  EXPECT_EQ(options->explain_per_minute, 30u);
  const auto& source = options->sources[0];
  EXPECT_EQ(source.poll_interval_ms, 300'000u);
  EXPECT_EQ(source.deadline_ms, 30'000u);
  EXPECT_EQ(source.max_size_bytes, 67'108'864u);
  EXPECT_EQ(source.state, SourceState::shadow);
  EXPECT_FALSE(source.allow_empty);
  EXPECT_EQ(source.standing.ends_s, 0u);
  EXPECT_EQ(source.standing.max_stale_s, 0u);
  EXPECT_TRUE(source.standing.applies_to.empty());
}

TEST(ControlOptions, AListMayEndAndBeForSomeSubscribersAlone) {
  const auto options = parse_control_options(with_source("ends = 2027-03-31T23:59:59+02:00\n"
                                                         "max_stale_s = 604800\n"
                                                         "when_stale = \"shadow\"\n"
                                                         "[[source.applies_to]]\n"
                                                         "realms = [1, 2]\n"
                                                         "[[source.applies_to]]\n"
                                                         "prefixes = [\"192.0.2.0/24\", \"2001:db8::/32\"]\n"
                                                         "[[source.exempt]]\n"
                                                         "realms = [1]\n"
                                                         "prefixes = [\"198.51.100.7\"]\n"),
                                             "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  const StandingOptions& standing = options->sources[0].standing;
  EXPECT_EQ(standing.ends_s, 1'806'530'399u);
  EXPECT_EQ(standing.max_stale_s, 604'800u);
  EXPECT_TRUE(standing.is_shadow_when_stale);
  ASSERT_EQ(standing.applies_to.size(), 2u);
  EXPECT_EQ(standing.applies_to[0].realms, (std::vector<std::uint16_t>{1, 2}));
  EXPECT_EQ(standing.applies_to[1].prefixes.size(), 2u);
  ASSERT_EQ(standing.exempt.size(), 1u);
  EXPECT_EQ(standing.exempt[0].prefixes.at(0), *AddressPrefix::parse("198.51.100.7/32"));
}

TEST(ControlOptions, WhatAListCannotStandForIsRefusedWithoutRepeatingAddresses) {
  constexpr std::string_view kWhen =
      "control.toml:10:8: source.ends: expected a date and time with offset, 1970 to 2105, without quotes, such as "
      "2027-03-31T23:59:59+02:00, found ";
  EXPECT_EQ(error_of(with_source("ends = \"2027-03-31T23:59:59Z\"\n")), std::string(kWhen) + "a string");
  for (const auto* local : {"2027-03-31T23:59:59", "1969-12-31T00:00:00Z", "2106-12-31T00:00:00Z"}) {
    EXPECT_EQ(error_of(with_source("ends = " + std::string(local) + "\n")),
              std::string(kWhen) + "another date or time");
  }
  EXPECT_EQ(error_of(with_source("when_stale = \"shadow\"\n")),
            "control.toml:7:1: source.max_stale_s: expected an integer 60..31536000, because when_stale is shadow");
  EXPECT_EQ(error_of(with_source("[[source.exempt]]\n")),
            "control.toml:10:1: source.exempt.realms: expected realms, prefixes, or both");
  EXPECT_EQ(
      error_of(with_source("[[source.exempt]]\nrealms = [65536]\nprefixes = [\"192.0.2.0/24\"]\n")),
      "control.toml:11:11: source.exempt.realms: expected an array of 0..256 integers, each 0..65535, found 65536");
  for (const auto* bad : {"192.0.2.1/24", "192.0.2.0/33", "2001:db8::1/32", "everybody", ""}) {
    const auto error =
        error_of(with_source("[[source.exempt]]\nprefixes = [\"" + std::string(bad) + "\", \"192.0.2.0/24\"]\n"));
    EXPECT_NE(error.find("source.exempt.prefixes: expected an array of 0..1024 strings"), std::string::npos) << error;
    EXPECT_EQ(error.find("found " + std::string(bad)) != std::string::npos, bad[0] == 0);
  }
}

TEST(ControlOptions, ASourceSelectsByABoundedNumberOfPrefixes) {
  std::string prefixes;
  for (int n = 0; n < 513; ++n) {
    prefixes += "\"2001:db8:" + std::to_string(n) + "::/48\", ";
  }
  const std::string table = "prefixes = [" + prefixes + "]\n";
  EXPECT_EQ(error_of(with_source("[[source.exempt]]\n" + table)), "");
  EXPECT_NE(error_of(with_source("[[source.exempt]]\n" + table + "[[source.applies_to]]\n" + table))
                .find("at most 1024 prefixes"),
            std::string::npos);
}

TEST(ControlOptions, EmptyTurnsGroupAndMetricsOff) {
  const auto text = with_source("");
  const auto at = text.find("[[source]]");
  const auto options = parse_control_options(
      text.substr(0, at) + "operator_group = \"\"\nmetrics_address = \"\"\n" + text.substr(at), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->operator_group, "");
  EXPECT_EQ(options->metrics_address, "");
}

TEST(ControlOptions, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(error_of(with_source("poll_interval_ms = -3\n")),
            "control.toml:10:20: source.poll_interval_ms: expected an integer 100..86400000, found -3");
  EXPECT_EQ(error_of(with_source("pol_interval_ms = 500\n")),
            "control.toml:10:1: source.pol_interval_ms: unknown key; did you mean poll_interval_ms?");
  EXPECT_EQ(error_of(with_source("credentials = \"basic\"\n")),
            "control.toml:7:1: source.credentials_file: expected an absolute path, because credentials are used");
  EXPECT_EQ(error_of(std::string(kControl)), "control.toml:1:1: source: missing; expected 1..32 tables [[source]]");
}

TEST(ControlOptions, OnlyHttpsWithoutUserAndPasswordIsTaken) {
  for (const auto* url : {"http://a.example.test/l", "https://user:pw@a.example.test/l", "https://", "ftp://a.test/",
                          "https://a.example.test/a b", "HTTPS"}) {
    const auto error = error_of(std::string(kControl) + "[[source]]\nname = \"a\"\nurl = \"" + url + "\"\n");
    EXPECT_EQ(error,
              "control.toml:9:7: source.url: expected a URL https://HOST/..., without user or password, found another "
              "string");
  }
}

TEST(ControlOptions, NamesAreUnique) {
  const auto error = error_of(with_source("[[source]]\nname = \"a\"\nurl = \"https://b.example.test/l\"\n"));
  EXPECT_EQ(error, "control.toml:11:8: source.name: expected a name that no other source has");
}

std::string zone_source(std::string_view keys) {
  return std::string(kControl) + "[[source]]\nname = \"a\"\n" + std::string(keys);
}

TEST(ControlOptions, AZoneComesFromItsPrimary) {
  for (const char* primary : {"192.0.2.53:53", "[2001:db8::53]:5353"}) {
    const auto options = parse_control_options(zone_source("primary = \"" + std::string(primary) +
                                                           "\"\nzone = \"rpz.example.test\"\ntsig_key_file = \"/k\"\n"),
                                               "control.toml");
    ASSERT_TRUE(options) << options.error().context;
    const auto& source = options->sources[0];
    EXPECT_EQ(source.primary, primary);
    EXPECT_EQ(source.zone, "rpz.example.test");
    EXPECT_EQ(source.tsig_key_file, "/k");
    EXPECT_EQ(source.format, FeedFormat::rpz);
    EXPECT_EQ(source.url, "");
  }
  EXPECT_EQ(error_of(zone_source("primary = \"127.0.0.1:53\"\nzone = \"rpz.example.test\"\ntsig = \"none\"\n")), "");
  EXPECT_EQ(error_of(zone_source("primary = \"[::1]:53\"\nzone = \"rpz.example.test\"\ntsig = \"none\"\n")), "");
}

TEST(ControlOptions, AZonesPlaceIsWhole) {
  const std::string zone = "primary = \"192.0.2.53:53\"\nzone = \"rpz.example.test\"\n";
  EXPECT_EQ(error_of(zone_source(zone)),
            "control.toml:7:1: source.tsig_key_file: expected an absolute path, because transfers are signed");
  EXPECT_EQ(error_of(zone_source(zone + "tsig = \"none\"\n")),
            "control.toml:11:8: source.tsig: expected key, because primary is no address of this box's loopback");
  EXPECT_EQ(
      error_of(zone_source("primary = \"127.0.0.1:53\"\nzone = \"a.test\"\ntsig = \"none\"\ntsig_key_file = \"/k\"\n")),
      "control.toml:12:17: source.tsig_key_file: expected nothing, because tsig is none");
  EXPECT_EQ(
      error_of(zone_source("primary = \"192.0.2.53:53\"\ntsig_key_file = \"/k\"\n")),
      "control.toml:7:1: source.zone: missing; expected a zone's name, of a-z 0-9 - _ and single dots, without the "
      "closing one");
  for (const char* primary :
       {"ns.example.test:53", "192.0.2.53", "192.0.2.53:0", "2001:db8::53:53", "[2001:db8::53]"}) {
    EXPECT_NE(error_of(zone_source("primary = \"" + std::string(primary) +
                                   "\"\nzone = \"a.test\"\ntsig_key_file = \"/k\"\n")),
              "")
        << primary;
  }
  for (const char* name : {"rpz.example.test.", "RPZ.test", "a..test", ".", "a b.test"}) {
    EXPECT_NE(error_of(zone_source("primary = \"192.0.2.53:53\"\ntsig_key_file = \"/k\"\nzone = \"" +
                                   std::string(name) + "\"\n")),
              "")
        << name;
  }
  for (const char* key :
       {"url = \"https://a.example.test/l\"", "path = \"/l\"", "ca_file = \"/c\"", "packing = \"gzip\"",
        "encoding = \"utf-8\"", "credentials = \"basic\"", "proxy = \"http://p.test:1\"", "format = \"plain\"",
        "host_kind = \"domain\"", "url_kind = \"url\"", "signed_file = \"l\"",
        "[[source.key]]\nname = \"k\"\nminisign = \"x\""}) {
    EXPECT_NE(error_of(zone_source(zone + "tsig_key_file = \"/k\"\n" + key + "\n")), "") << key;
  }
}

TEST(ControlOptions, AZoneAsAFileMayNameItsZone) {
  EXPECT_EQ(error_of(with_source("format = \"rpz\"\nzone = \"rpz.example.test\"\n")), "");
  EXPECT_EQ(error_of(with_source("format = \"rpz\"\n")), "");
  EXPECT_EQ(error_of(with_source("zone = \"rpz.example.test\"\n")),
            "control.toml:10:8: source.zone: expected nothing, because format is not rpz");
  EXPECT_EQ(error_of(with_source("format = \"rpz\"\nhost_kind = \"domain\"\n")),
            "control.toml:11:13: source.host_kind: expected nothing, because a zone says itself what its names mean");
  EXPECT_EQ(error_of(with_source("tsig_key_file = \"/k\"\n")),
            "control.toml:10:17: source.tsig_key_file: expected nothing, because there is no primary");
}

TEST(ControlOptions, AListCanBeAFileInsteadOfAUrl) {
  const auto with_path = [](std::string_view keys) {
    return std::string(kControl) + "[[source]]\nname = \"a\"\npath = \"/drop/list.txt\"\n" + std::string(keys);
  };
  const auto options = parse_control_options(
      with_path(
          "[[source.key]]\nname = \"k\"\nminisign = \"RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK\"\n"),
      "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].path, "/drop/list.txt");
  EXPECT_EQ(options->sources[0].url, "");
  EXPECT_EQ(options->sources[0].signature_path, "/drop/list.txt.minisig");
  EXPECT_EQ(options->sources[0].signature_url, "");
  EXPECT_EQ(options->sources[0].signed_file, "list.txt");
  EXPECT_EQ(error_of(with_path("")), "");
  EXPECT_EQ(error_of(with_path("url = \"https://a.example.test/l\"\n")),
            "control.toml:10:7: source.url: expected nothing, because the list is the file at path");
  EXPECT_NE(error_of(with_path("proxy = \"http://proxy.example.test:1\"\n")), "");
}

TEST(ControlOptions, ACertificateAndItsKeyGoTogether) {
  const auto options = parse_control_options(
      with_source("client_certificate = \"/c\"\nclient_key = \"/k\"\nproxy = \"socks5h://proxy.example.test:1080\"\n"),
      "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].client_certificate + options->sources[0].client_key, "/c/k");
  EXPECT_EQ(options->sources[0].proxy, "socks5h://proxy.example.test:1080");
  EXPECT_NE(error_of(with_source("client_certificate = \"/c\"\n")), "");
  EXPECT_NE(error_of(with_source("client_key = \"/k\"\n")), "");
  for (const auto* proxy : {"https://proxy.example.test:1", "http://proxy.example.test",
                            "http://u:p@proxy.example.test:1", "http://proxy.example.test:1/x"}) {
    EXPECT_NE(error_of(with_source("proxy = \"" + std::string(proxy) + "\"\n")), "") << proxy;
  }
}

TEST(ControlOptions, ReportsGoIntoAFolderOrToTheSourceItself) {
  auto options = parse_control_options(with_source(""), "control.toml");
  EXPECT_FALSE(options->sources[0].report.is_wanted());
  options = parse_control_options(with_source("[source.report]\ndirectory = \"/out\"\ncontact = \"noc\"\n"), "c");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].report.directory, "/out");
  EXPECT_EQ(options->sources[0].report.contact, "noc");
  EXPECT_FALSE(options->sources[0].report.is_sent());
  options = parse_control_options(with_source("[source.report]\nurl = \"https://a.example.test/r\"\n"), "c");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].report.directory, "/s/reports/a");
  EXPECT_TRUE(options->sources[0].report.is_sent());
  EXPECT_NE(error_of(with_source("[source.report]\n")).find("source.report.directory: missing"), std::string::npos);
  EXPECT_NE(error_of(with_source("[source.report]\nurl = \"https://b.example.test/r\"\n")).find("same host and port"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kControl) + "[[source]]\nname = \"a\"\npath = \"/l\"\n[source.report]\nurl = "
                                             "\"https://a.example.test/r\"\n")
                .find("the source has no url"),
            std::string::npos);
}

TEST(ControlOptions, KeysAskForASignatureBesideTheList) {
  const std::string key =
      "[[source.key]]\nname = \"k\"\nminisign = \"RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK\"\n";
  auto options = parse_control_options(with_source(key), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].signature_url, "https://a.example.test/l.minisig");
  EXPECT_EQ(options->sources[0].signed_file, "l");
  ASSERT_EQ(options->sources[0].keys.size(), 1u);
  EXPECT_EQ(options->sources[0].keys[0].name, "k");
  options = parse_control_options(
      with_source("signature_url = \"https://a.example.test/s?l\"\nsigned_file = \"\"\n" + key), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->sources[0].signature_url, "https://a.example.test/s?l");
  EXPECT_EQ(options->sources[0].signed_file, "");
  EXPECT_EQ(
      error_of(with_source("signature_url = \"https://b.example.test/l.minisig\"\n" + key)),
      "control.toml:10:17: source.signature_url: expected a URL of the same host and port as url, which gets the same "
      "credentials");
  EXPECT_NE(error_of(with_source("signed_file = \"l\"\n")), "") << "without a key nothing is signed";
  EXPECT_NE(error_of(with_source(key + key)), "") << "names differ";
  EXPECT_NE(error_of(with_source("[[source.key]]\nname = \"k\"\nminisign = \"RW\"\n")), "");
}

TEST(ControlOptions, TheArchiveKeyHasADefaultAndOldOnes) {
  auto options = parse_control_options(with_source(""), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->archive_key_file, options->state_directory + "/archive.key");
  EXPECT_TRUE(options->archive_old_key_files.empty());
  options = parse_control_options(
      with_source("[[archive_old_key]]\nfile = \"/k/2025\"\n[[archive_old_key]]\nfile = \"/k/2024\"\n"),
      "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_EQ(options->archive_old_key_files, (std::vector<std::string>{"/k/2025", "/k/2024"}));
  EXPECT_NE(error_of(with_source("[[archive_old_key]]\nfile = \"" + options->archive_key_file + "\"\n")), "");
  EXPECT_NE(error_of(with_source("[[archive_old_key]]\n")), "");
}

TEST(ControlOptions, KeysOfOpenPgpAreFilesAndNameNoList) {
  const std::string key = "[[source.key]]\nname = \"k\"\nopenpgp_key_file = \"/etc/parapet/k.asc\"\n";
  const std::string other = "[[source.key]]\nname = \"l\"\nopenpgp_key_file = \"/etc/parapet/l.asc\"\n";
  const std::string minisign =
      "[[source.key]]\nname = \"m\"\nminisign = \"RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK\"\n";
  const auto options = parse_control_options(with_source(key + other), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  EXPECT_TRUE(options->sources[0].has_openpgp_keys());
  EXPECT_EQ(options->sources[0].keys[1].openpgp_key_file, "/etc/parapet/l.asc");
  EXPECT_EQ(options->sources[0].signature_url, "https://a.example.test/l.asc");
  EXPECT_EQ(options->sources[0].signed_file, "");
  EXPECT_EQ(error_of(with_source("signature_url = \"https://a.example.test/l.sig\"\n" + key)), "");
  EXPECT_NE(error_of(with_source("signed_file = \"l\"\n" + key)), "");
  EXPECT_NE(error_of(with_source(key + minisign)), "") << "one sort of keys";
  EXPECT_NE(error_of(with_source(minisign + key)), "");
  EXPECT_NE(error_of(with_source(key + "minisign = \"RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK\"\n")),
            "");
  EXPECT_NE(error_of(with_source("[[source.key]]\nname = \"k\"\nopenpgp_key_file = \"k.asc\"\n")), "");
  EXPECT_NE(error_of(with_source("[[source.key]]\nname = \"k\"\n")), "") << "a key is something";
}

}  // namespace
}  // namespace parapet::config
