// SPDX-License-Identifier: Apache-2.0
// The canonical form on random text: it is idempotent, and a request for what a list names is found by the list.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "canon/entry.h"
#include "canon/url_text.h"
#include "packet/match/match.h"
#include "rounds.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "support_bytes.h"
#include "tiny_list.h"

namespace parapet::canon {
namespace {

constexpr std::size_t kInputs = 1'000'000;
constexpr std::size_t kBatch = 2000;  // entries of one snapshot

// Text that is often, but not always, a URL.
class RandomUrls {
 public:
  std::string next() {
    std::string text(pick({"http://", "https://", "HTTP:\\\\", "http:", "//", "", "", "hTTps:/"}));
    if (one_in(12)) text += pick({"user@", "u:p@", "@", "a@b@"});
    for (int labels = below(4); labels >= 0; --labels) text += label() + (labels > 0 ? dot() : "");
    if (one_in(6)) text = text.substr(0, text.find(':') + 1) + "//" + std::string(pick(kAddresses));
    if (one_in(10)) text += ".";
    if (one_in(6)) text += ":" + std::string(pick({"80", "443", "8080", "", "00081", "65535", "65536", "0", "x"}));
    for (int pieces = below(6); pieces > 0; --pieces) text += pick(kPathPieces);
    if (one_in(4)) text += "?" + word(kQuery, 8);
    if (one_in(8)) text += "#" + word(kQuery, 4);
    if (one_in(16)) text.insert(static_cast<std::size_t>(below(static_cast<int>(text.size()) + 1)), 1, anything());
    return text;
  }

 private:
  static constexpr std::array kAddresses{"192.0.2.1",     "0xc0.0.2.1",         "3221225985",      "0300.0.2.1",
                                         "[2001:DB8::1]", "[::ffff:192.0.2.1]", "[::1:0:0:2:3:0]", "192.0.2.256",
                                         "1.2.3.4.5",     "[::192.0.2.1]"};
  static constexpr std::array kPathPieces{"/",   "//",     "/a",           "/./",        "/../", "\\",     "/%2e%2E",
                                          "/.",  "/..",    "/b%2Fc",       "%5C",        "/%41", "/%zz",   "/\xc3\xbc",
                                          "/ x", "/A;b=1", "/@:!$&'()*+,", "/{|}^`\"<>", "%",    "/%25%34"};
  static constexpr std::string_view kQuery = "a=&+;#%41%26?/\\ \"'<>.\x80";

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  template <typename List>
  std::string_view pick(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }
  std::string_view pick(std::initializer_list<std::string_view> list) {
    return list.begin()[below(static_cast<int>(list.size()))];
  }
  char anything() { return static_cast<char>(below(256)); }
  std::string word(std::string_view alphabet, int longest) {
    std::string text;
    for (int n = below(longest + 1); n > 0; --n)
      text += alphabet[static_cast<std::size_t>(below(static_cast<int>(alphabet.size())))];
    return text;
  }
  std::string label() {
    if (one_in(5))
      return std::string(pick({"B\xc3\xbc\x63her", "xn--bcher-kva", "\xe2\x98\x83", "\xef\xbc\xb8y", "%61b", "a_b",
                               "-a-", "%C3%BC", "\xd7\x90", "a\xe2\x80\x8d", "1", "0x1", "{\"}", "stra\xc3\x9f\x65"}));
    return "l" + word("abcXYZ019-", 5);
  }
  std::string dot() { return std::string(pick({".", ".", ".", ".", "\xe3\x80\x82", "%2e", ".."})); }

  std::mt19937 random_{20261127};
};

// As a browser asks for it: the name and port of its Host, and its target.
packet::RequestText request_of(const Entry& entry) {
  auto text = std::make_unique<packet::RequestText>();
  text->clear();
  packet::NameWriter names;
  names.start();
  const std::string authority = entry.host + (entry.port != 0 ? ":" + std::to_string(entry.port) : "");
  names.push(bytes_of(authority), *text);
  names.finish(*text);
  const std::string target = entry.path + (entry.query.empty() ? "" : "?" + entry.query);
  std::ranges::copy(bytes_of(target), text->target.begin());
  text->target_length = static_cast<std::uint16_t>(target.size());
  return *text;
}

std::string url_of(const Entry& entry) {
  return "http://" + entry.host + (entry.port != 0 ? ":" + std::to_string(entry.port) : "") + entry.path +
         (entry.query.empty() ? "" : "?" + entry.query);
}

// The raw target of the list's spelling, sent as it stands (curl --path-as-is), is the same target.
void expect_same_when_sent_raw(const std::string& text, const Entry& entry) {
  const std::string stripped = strip_url(text);
  const auto parts = split_url(stripped);
  ASSERT_TRUE(parts);
  const auto target = std::make_unique<Target>();
  canonicalise_target(bytes_of(parts->target), false, *target);
  ASSERT_EQ(target->path(), entry.path) << text;
  ASSERT_EQ(target->query(), entry.query) << text;
}

TEST(CanonicalForm, IsIdempotentAndTheSameOnBothRoads) {
  RandomUrls urls;
  std::size_t taken = 0, refused = 0;
  const EntryKind kind = EntryKind::url;
  std::vector<Entry> batch;
  packet::Matcher matcher(support::kTestKey);
  const auto check_batch = [&] {
    std::vector<digest::DigestedEntry> digested;
    for (const Entry& entry : batch) digested.push_back(digest::digest_entry(support::kTestKey, entry, 1));
    const std::vector<snapshot::ListInput> lists{{"random", snapshot::ListState::enforce, digested}};
    const auto bytes = snapshot::build_snapshot(lists, support::kTestKey, 1, {.realtime_ns = 1});
    ASSERT_TRUE(bytes);
    const auto snapshot = snapshot::Snapshot::open(bytes->view(), support::kTestKey);
    ASSERT_TRUE(snapshot);
    for (const Entry& entry : batch) {
      packet::Match match;
      matcher.match_request({*snapshot, support::kAnyOccasion}, Protocol::http, request_of(entry), entry.port, match);
      ASSERT_TRUE(match.any()) << canonical_text(entry);
    }
    batch.clear();
  };
  for (std::size_t i = 0; i < support::rounds(kInputs); ++i) {
    const std::string text = urls.next();
    const auto entry = parse_entry(text, {}, &kind);
    if (!entry) {
      ++refused;
      continue;
    }
    ++taken;
    const auto again = parse_entry(url_of(*entry), {}, &kind);
    ASSERT_TRUE(again) << text << " gave " << canonical_text(*entry);
    ASSERT_EQ(canonical_text(*again), canonical_text(*entry)) << text;
    expect_same_when_sent_raw(text, *entry);
    if (HasFatalFailure()) return;
    batch.push_back(std::move(*entry));
    if (batch.size() == kBatch) check_batch();
  }
  check_batch();
  EXPECT_GT(taken, support::rounds(kInputs) / 3) << "the inputs say something";
  EXPECT_GT(refused, support::rounds(kInputs) / 20);
}

}  // namespace
}  // namespace parapet::canon
