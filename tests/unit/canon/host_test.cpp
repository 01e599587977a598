// SPDX-License-Identifier: Apache-2.0
// The canonical host, as docs/formats/canonical.md has it.
#include "canon/host.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace parapet::canon {
namespace {

std::string canonical(std::string_view in) {
  Host host;
  const auto outcome = canonicalise_host(bytes_of(in), host);
  return outcome == HostOutcome::ok ? std::string(host.view()) : "!" + std::string(name_of(outcome));
}

TEST(CanonicalHost, LowersCaseAndDropsOneTrailingDot) {
  EXPECT_EQ(canonical("WWW.Example.TEST"), "www.example.test");
  EXPECT_EQ(canonical("example.test."), "example.test");
  EXPECT_EQ(canonical("example.test.."), "!empty_label");
  EXPECT_EQ(canonical("xn--bcher-kva.example.test"), "xn--bcher-kva.example.test");
  EXPECT_EQ(canonical("_srv.example.test"), "_srv.example.test");
}

TEST(CanonicalHost, RefusesWhatIsNoHost) {
  EXPECT_EQ(canonical(""), "!empty");
  EXPECT_EQ(canonical("."), "!empty");
  EXPECT_EQ(canonical("a..test"), "!empty_label");
  EXPECT_EQ(canonical(".test"), "!empty_label");
  EXPECT_EQ(canonical("a b.test"), "!forbidden_byte");
  EXPECT_EQ(canonical(std::string_view("a\0b.test", 8)), "!forbidden_byte");
  EXPECT_EQ(canonical("a%2e.test"), "!forbidden_byte");
  EXPECT_EQ(canonical("b\xc3\xbc.test"), "!not_ascii");
  EXPECT_EQ(canonical(std::string(64, 'a') + ".test"), "!too_long");
  EXPECT_EQ(canonical(std::string(63, 'a') + ".test"), std::string(63, 'a') + ".test");
  std::string long_name;
  while (long_name.size() < 250) long_name += "abcdefghi.";
  EXPECT_EQ(canonical(long_name + "test"), "!too_long");
}

TEST(CanonicalHost, BringsEverySpellingOfAnAddressToOne) {
  EXPECT_EQ(canonical("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical("192.0.2.1."), "192.0.2.1");
  EXPECT_EQ(canonical("0xC0.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical("0300.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical("3221225985"), "192.0.2.1");
  EXPECT_EQ(canonical("192.0.513"), "192.0.2.1");
  EXPECT_EQ(canonical("[2001:DB8:0:0::1]"), "[2001:db8::1]");
  EXPECT_EQ(canonical("[::FFFF:192.0.2.1]"), "192.0.2.1");
  EXPECT_EQ(canonical("[::192.0.2.1]"), "[::c000:201]") << "never a dotted end";
  EXPECT_EQ(canonical("[::]"), "[::]");
  EXPECT_EQ(canonical("[2001:db8::]"), "[2001:db8::]");
  EXPECT_EQ(canonical("[1:0:0:2:0:0:0:3]"), "[1:0:0:2::3]");
  EXPECT_EQ(canonical("[0:0:1:0:0:2:3:0]"), "[::1:0:0:2:3:0]") << "the first of two equal runs";
  EXPECT_EQ(canonical("[1:0:1:0:1:0:1:0]"), "[1:0:1:0:1:0:1:0]") << "one zero is no run";
  EXPECT_EQ(canonical("192.0.2.256"), "!bad_address");
  EXPECT_EQ(canonical("1.2.3.4.5"), "!bad_address");
  EXPECT_EQ(canonical("[2001:db8::1"), "!bad_address");
  EXPECT_EQ(canonical("4you.example"), "4you.example");
  EXPECT_EQ(canonical("example.4you"), "example.4you");
}

TEST(CanonicalHost, IsIdempotentOnRandomBytes) {
  std::mt19937 random(1);
  const std::string_view alphabet = "aZ0.-_x[]:%1 \x80";
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string in;
    for (std::size_t n = random() % 12; n > 0; --n) in += alphabet[random() % alphabet.size()];
    const std::string once = canonical(in);
    if (once.front() == '!') continue;
    ++accepted;
    ASSERT_EQ(canonical(once), once) << in;
  }
  EXPECT_GT(accepted, 1000);
}

TEST(CanonicalHost, DnsLabelsAreComparedAsLabels) {
  Host host;
  const std::string plain(
      "\x03www\x07"
      "eXample\x04test");
  ASSERT_EQ(canonicalise_labels(bytes_of(plain), host), HostOutcome::ok);
  EXPECT_EQ(host.view(), "www.example.test");
  const std::string dotted("\x0bwww.example\x04test");
  EXPECT_EQ(canonicalise_labels(bytes_of(dotted), host), HostOutcome::forbidden_byte);
  EXPECT_EQ(canonicalise_labels(bytes_of(std::string_view("\x05"
                                                          "abc",
                                                          4)),
                                host),
            HostOutcome::too_long);
  EXPECT_EQ(canonicalise_labels({}, host), HostOutcome::empty);
}

TEST(CanonicalHost, IsBelowWhatItsLastLabelsNameWhateverStandsBefore) {
  const auto tail = [](std::string_view name) { return std::string(text_of(usable_tail(bytes_of(name)))); };
  EXPECT_EQ(tail("a%b.forest.test"), "forest.test");
  EXPECT_EQ(tail("a%b.forest.test."), "forest.test");
  EXPECT_EQ(tail("deep.a%b.old.forest.test"), "old.forest.test");
  EXPECT_EQ(tail(std::string(64, 'x') + ".forest.test"), "forest.test");
  EXPECT_EQ(tail(std::string(63, 'x') + ".forest.test"), std::string(63, 'x') + ".forest.test");
  EXPECT_EQ(tail("a..forest.test"), "forest.test");
  EXPECT_EQ(tail("a.b%"), "");
  EXPECT_EQ(tail(""), "");
  std::string longest;
  while (longest.size() < 300) longest += "abcde.";
  EXPECT_EQ(tail(longest + "forest.test").size(), 251U) << "whole labels, up to 253 bytes";
  const auto labels = [](std::string_view name) { return std::string(text_of(usable_labels(bytes_of(name)))); };
  EXPECT_EQ(labels("\3a.b\6forest\4test"), "\6forest\4test");
  EXPECT_EQ(labels("\3old\1%\6forest\4test"), "\6forest\4test");
  EXPECT_EQ(labels("\6forest\1%"), "");
  EXPECT_EQ(labels("\1%\6forest\4tes"), "") << "cut";
}

TEST(Authority, SplitsHostAndPort) {
  const auto split = [](std::string_view text) {
    const Authority a = split_authority(bytes_of(text), 80);
    return std::string(text_of(a.host)) + "|" + std::to_string(a.port) + (a.ok ? "" : "!");
  };
  EXPECT_EQ(split("example.test"), "example.test|80");
  EXPECT_EQ(split("example.test:8080"), "example.test|8080");
  EXPECT_EQ(split("example.test:"), "example.test|80");
  EXPECT_EQ(split("user:pw@example.test:81"), "example.test|81");
  EXPECT_EQ(split("[2001:db8::1]"), "[2001:db8::1]|80");
  EXPECT_EQ(split("[2001:db8::1]:443"), "[2001:db8::1]|443");
  EXPECT_EQ(split("example.test:0"), "example.test|80!");
  EXPECT_EQ(split("example.test:65536"), "example.test|80!");
  EXPECT_EQ(split("example.test:8x"), "example.test|80!");
}

TEST(HostOutcome, EachHasANameOfItsOwn) {
  EXPECT_EQ(name_of(HostOutcome::ok), "ok");
  EXPECT_EQ(name_of(HostOutcome::bad_address), "bad_address");
}

}  // namespace
}  // namespace parapet::canon
