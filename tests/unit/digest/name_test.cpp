// SPDX-License-Identifier: Apache-2.0
// Names that differ have digests that differ; an entry's digest is the one met on the walk over a request.
#include "digest/name.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "digest/entry.h"

namespace parapet::digest {
namespace {

const Key kKey{0x1122334455667788, 0x99aabbccddeeff00};

[[gnu::noinline]] Digest host_digest(std::string_view host) { return host_state(kKey, host).digest(); }

// Not inlined: gcc 12 takes the word loop over a constant shorter than eight bytes for an overrun.
[[gnu::noinline]] SipState path_state(const SipState& urls, std::string_view path) {
  return walk_path(urls, path, [](unsigned, const SipState&, bool) {});
}

TEST(WalkHost, MeetsTheDigestOfEverySuffixAtItsLabelEnd) {
  std::vector<Digest> met;
  walk_host(kKey, "a.bcdefghijkl.example.test", [&](unsigned, const SipState& s) { met.push_back(s.digest()); });
  EXPECT_EQ(met,
            (std::vector<Digest>{host_digest("test"), host_digest("example.test"),
                                 host_digest("bcdefghijkl.example.test"), host_digest("a.bcdefghijkl.example.test")}));
}

TEST(WalkHost, NoTwoNamesOfAnyLabelLengthsShareADigest) {
  std::map<Digest, std::string> seen;
  const auto meet = [&](const std::string& name) {
    const auto [at, is_new] = seen.try_emplace(host_digest(name), name);
    EXPECT_TRUE(is_new) << name << " and " << at->second;
  };
  for (std::size_t a = 1; a <= 63; ++a) {
    meet(std::string(a, '7'));
    for (std::size_t b = 1; b <= 63; ++b) meet(std::string(a, '7') + "." + std::string(b, '7'));
  }
  EXPECT_EQ(seen.size(), 63u + 63u * 63u);
}

TEST(WalkPath, SegmentsAreMetWithTheirStates) {
  const SipState urls = enter_urls(host_state(kKey, "x.test"), 0);
  std::vector<bool> lasts;
  const std::string path = "/a/b";
  const SipState whole = walk_path(urls, path, [&](unsigned, const SipState&, bool last) { lasts.push_back(last); });
  EXPECT_EQ(lasts, (std::vector<bool>{false, true}));
  const SipState again = path_state(path_state(urls, "/a"), "/b");
  EXPECT_EQ(whole.digest(), again.digest());
  EXPECT_NE(whole.digest(), path_state(urls, "/ab").digest());
  EXPECT_NE(whole.digest(), path_state(urls, "/a/b/").digest());
  EXPECT_NE(urls.digest(), enter_urls(host_state(kKey, "x.test"), 8080).digest());
}

TEST(WalkPath, NoTwoPathsShareADigest) {
  std::map<Digest, std::string> seen;
  const SipState urls = enter_urls(host_state(kKey, "x.test"), 0);
  std::mt19937 random(3);
  for (int round = 0; round < 50000; ++round) {
    std::string path = "/";
    for (std::size_t n = random() % 24; n > 0; --n) path += "/a\x7e"[random() % 3];
    const auto [at, is_new] = seen.try_emplace(path_state(urls, path).digest(), path);
    ASSERT_EQ(at->second, path) << is_new;
  }
}

TEST(DigestEntry, IsTheDigestThatARequestMeets) {
  const auto entry = canon::parse_entry("http://www.example.test/a/b?q=1", {});
  ASSERT_TRUE(entry);
  const auto digested = digest_entry(kKey, *entry, 9);
  const SipState urls = enter_urls(host_state(kKey, "www.example.test"), 0);
  EXPECT_EQ(digested.digest, enter_query(path_state(urls, "/a/b"), "q=1").digest());
  EXPECT_EQ(digested.url_mark, urls.low());
  EXPECT_EQ(digested.line, host_digest("example.test").low);
  EXPECT_EQ(digested.id, 9u);
}

TEST(DigestEntry, WithAnotherKeyNothingIsTheSame) {
  const auto entry = canon::parse_entry("www.example.test", {});
  ASSERT_TRUE(entry);
  const auto one = digest_entry(kKey, *entry, 1);
  const auto other = digest_entry(Key{kKey.k0 ^ 1, kKey.k1}, *entry, 1);
  EXPECT_NE(one.digest, other.digest);
  EXPECT_NE(one.line, other.line);
}

}  // namespace
}  // namespace parapet::digest
