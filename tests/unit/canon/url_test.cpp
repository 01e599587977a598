// SPDX-License-Identifier: Apache-2.0
// The canonical path and query, as docs/formats/canonical.md has them.
#include "canon/url.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace parapet::canon {
namespace {

std::string canonical_target_of(std::string_view in, bool cut = false) {
  Target target;
  canonicalise_target(bytes_of(in), cut, target);
  std::string text(target.path());
  if (target.has_query) text += "?" + std::string(target.query());
  return text + (target.cut ? " cut" : "");
}

TEST(CanonicalTarget, KeepsWhatIsCanonical) {
  EXPECT_EQ(canonical_target_of("/a/b?q=1&r=2"), "/a/b?q=1&r=2");
  EXPECT_EQ(canonical_target_of("/A/b;x=1/@:!$&'()*+,"), "/A/b;x=1/@:!$&'()*+,");
}

TEST(CanonicalTarget, EmptyPathIsSlashAndEmptyQueryIsNone) {
  EXPECT_EQ(canonical_target_of(""), "/");
  EXPECT_EQ(canonical_target_of("?q"), "/?q");
  EXPECT_EQ(canonical_target_of("/a?"), "/a");
  EXPECT_EQ(canonical_target_of("/a#frag"), "/a");
  EXPECT_EQ(canonical_target_of("/a?q#frag?x"), "/a?q");
}

TEST(CanonicalTarget, RemovesDotSegmentsAndRepeatedSlashes) {
  EXPECT_EQ(canonical_target_of("/a/./b/../c"), "/a/c");
  EXPECT_EQ(canonical_target_of("/../../a"), "/a");
  EXPECT_EQ(canonical_target_of("/a/.."), "/");
  EXPECT_EQ(canonical_target_of("/a/b/.."), "/a/");
  EXPECT_EQ(canonical_target_of("/a/."), "/a/");
  EXPECT_EQ(canonical_target_of("//a///b/"), "/a/b/");
  EXPECT_EQ(canonical_target_of("/a\\b"), "/a/b");
  EXPECT_EQ(canonical_target_of("/%2e%2E/a/%2e"), "/a/");
  EXPECT_EQ(canonical_target_of("/a/..b/...c"), "/a/..b/...c");
}

TEST(CanonicalTarget, DecodesUnreservedOnceAndSpellsTheRestOneWay) {
  EXPECT_EQ(canonical_target_of("/%41%7e%2d"), "/A~-");
  EXPECT_EQ(canonical_target_of("/%2f%3f%c3%bc"), "/%2F%3F%C3%BC");
  EXPECT_EQ(canonical_target_of("/\xc3\xbc"), "/%C3%BC");
  EXPECT_EQ(canonical_target_of("/%2541"), "/%2541");
  EXPECT_EQ(canonical_target_of("/100%"), "/100%25");
  EXPECT_EQ(canonical_target_of("/%zz%4"), "/%25zz%254");
  EXPECT_EQ(canonical_target_of("/a b\"<>"), "/a%20b%22%3C%3E");
  EXPECT_EQ(canonical_target_of("/p?a=%41 b"), "/p?a=A%20b");
}

TEST(CanonicalTarget, DecodesPunctuationThatMeansNothingWhereItStands) {
  EXPECT_EQ(canonical_target_of("/a%28b%29%21%24%26%27%2a%2B%2c%3b%3D%3a%40%5b%5D"), "/a(b)!$&'*+,;=:@[]");
  EXPECT_EQ(canonical_target_of("/a%2f%5c%3f%23%25"), "/a%2F%5C%3F%23%25");
  EXPECT_EQ(canonical_target_of("/?%28%2f%3f%5c%26%3d%2b%3b%23%25"), "/?(/?\\%26%3D%2B%3B%23%25");
}

TEST(CanonicalTarget, ReadsAnEncodedSlashAsOneWhereItIsTold) {
  const auto decoded = [](std::string_view in) {
    Target target;
    canonicalise_target(bytes_of(in), false, target, Slashes::lenient);
    return std::string(target.path()) + (target.soft_end ? " soft" : "");
  };
  EXPECT_EQ(decoded("/a%2fb%5C%2e%2e%2Fc"), "/a/c");
  EXPECT_EQ(decoded("/a%2f"), "/a/ soft");
  EXPECT_EQ(decoded("/a%2fb/"), "/a/b/");
}

TEST(CanonicalTarget, ADotSegmentTakesAnEmptySegmentAwayUnlessSlashesAreMergedBefore) {
  const auto lenient = [](std::string_view in) {
    Target target;
    canonicalise_target(bytes_of(in), false, target, Slashes::lenient);
    return std::string(target.path());
  };
  EXPECT_EQ(canonical_target_of("/a/b//../.."), "/a/");
  EXPECT_EQ(lenient("/a/b//../.."), "/");
  EXPECT_EQ(canonical_target_of("////../../c//d//"), "/c/d/");
  EXPECT_EQ(canonical_target_of("/a//b?c//d"), "/a/b?c//d");
  Target target;
  for (const char* ran : {"//", "/a//b", "/a\\/b", "/a//..?q"}) {
    canonicalise_target(bytes_of(std::string_view(ran)), false, target);
    EXPECT_TRUE(target.slashes_ran) << ran;
  }
  for (const char* not_so : {"", "/", "/a/b/", "/a/./b", "/a?//"}) {
    canonicalise_target(bytes_of(std::string_view(not_so)), false, target);
    EXPECT_FALSE(target.slashes_ran) << not_so;
  }
  const std::string run(6000, '/');
  EXPECT_EQ(canonical_target_of("/a" + run + "b"), "/a/ cut");
  EXPECT_EQ(lenient("/a" + run + "b"), "/a/b");
}

TEST(CanonicalTarget, SaysWhetherItsLastSlashCameOfADotSegment) {
  const auto soft = [](std::string_view in) {
    Target target;
    canonicalise_target(bytes_of(in), false, target);
    return target.soft_end;
  };
  for (const char* target : {"/a/.", "/a/b/..", "/a/%2e", "/a/.?q"}) EXPECT_TRUE(soft(target)) << target;
  for (const char* target : {"/", "/.", "/..", "/a", "/a/", "/a/./", "/a//", "/a%2f"})
    EXPECT_FALSE(soft(target)) << target;
}

TEST(CanonicalTarget, ACutTargetKeepsWholeSegmentsOnly) {
  EXPECT_EQ(canonical_target_of("/a/b/cde", true), "/a/b/ cut");
  EXPECT_EQ(canonical_target_of("/a/b?q=1", true), "/a/b cut");
  const std::string long_path = "/first/" + std::string(5000, 'x');
  EXPECT_EQ(canonical_target_of(long_path), "/first/ cut");
  EXPECT_EQ(canonical_target_of("/a/b?" + std::string(5000, 'x')), "/a/b cut") << "a query that does not fit is none";
}

TEST(CanonicalTarget, IsIdempotentOnRandomText) {
  std::mt19937 random(2);
  const std::string_view alphabet = "/./\\%2eEaZ~?#;&= \x90";
  for (int round = 0; round < 200000; ++round) {
    std::string in = "/";
    for (std::size_t n = random() % 16; n > 0; --n) in += alphabet[random() % alphabet.size()];
    const std::string once = canonical_target_of(in);
    ASSERT_EQ(canonical_target_of(once), once) << in;
    ASSERT_EQ(once.substr(0, once.find('?')).find("//"), std::string::npos) << in;
  }
}

}  // namespace
}  // namespace parapet::canon
