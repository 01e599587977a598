// SPDX-License-Identifier: Apache-2.0
// Names outside ASCII become what a browser asks for.
#include "canon/idna.h"

#include <gtest/gtest.h>

namespace parapet::canon {
namespace {

std::string ascii(std::u8string_view name) {
  const auto result = domain_to_ascii({reinterpret_cast<const char*>(name.data()), name.size()});
  return result ? *result : "!" + result.error().context;
}

constexpr const char* kRefused = "!host is no IDN by UTS 46";

TEST(DomainToAscii, LeavesAsciiAlone) {
  EXPECT_EQ(ascii(u8"A--b-.xn--zz.test"), "A--b-.xn--zz.test");
  EXPECT_EQ(ascii(u8""), "");
}

TEST(DomainToAscii, MapsByUts46) {
  EXPECT_EQ(ascii(u8"B\u00dcCHER.test"), "xn--bcher-kva.test");
  EXPECT_EQ(ascii(u8"stra\u00dfe.test"), "xn--strae-oqa.test") << "non-transitional";
  EXPECT_EQ(ascii(u8"\u2603.test"), "xn--n3h.test") << "symbols are names to browsers";
  EXPECT_EQ(ascii(u8"a\u3002\uff42.test"), "a.b.test");
  EXPECT_EQ(ascii(u8"-a-\u00fc-.test"), "xn---a---2ra.test") << "hyphens are not its matter";
}

TEST(DomainToAscii, MapsWhatNewerRevisionsMap) {
  EXPECT_EQ(ascii(u8"STRA\u1e9eE.test"), ascii(u8"stra\u00dfe.test"));
  EXPECT_EQ(ascii(u8"\u10a0\u10c5.test"), ascii(u8"\u2d00\u2d25.test"));
  EXPECT_EQ(ascii(u8"\u04c0.test"), ascii(u8"\u04cf.test"));
  EXPECT_EQ(ascii(u8"a\uffa0\U0001d175.test"), "a.test");
  EXPECT_EQ(ascii(u8"\U0002f91f.test"), ascii(u8"\U000243ab.test"));
}

TEST(DomainToAscii, RefusesWhatBrowsersRefuse) {
  EXPECT_EQ(ascii(u8"xn--a-\u00fc.test"), kRefused) << "punycode that is none";
  EXPECT_EQ(ascii(u8"a\u200db.test"), kRefused) << "a joiner where none may be";
  EXPECT_EQ(ascii(u8"\u05d0a.test"), kRefused) << "both directions in one label";
  EXPECT_EQ(ascii(u8"\u0301a.test"), kRefused) << "a mark at the beginning";
  EXPECT_FALSE(domain_to_ascii("\xff.test"));
  EXPECT_FALSE(domain_to_ascii(std::string(5000, '\xc3')));
}

}  // namespace
}  // namespace parapet::canon
