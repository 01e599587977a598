// SPDX-License-Identifier: Apache-2.0
// Signatures of minisign itself and of our own making: what was signed passes, and nothing else.
#include "lists/verify/minisign.h"

#include <gtest/gtest.h>

#include "lists/verify/verify.h"
#include "minisign_signer.h"

namespace parapet::lists {
namespace {

using support::MinisignSigner;

// Made by minisign 0.11.
constexpr std::string_view kList = "a.example.test\n";
constexpr std::string_view kKey = "RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK";
constexpr std::string_view kSignature =
    "untrusted comment: signature from minisign secret key\n"
    "RUQytNNDWkovDOPT1WarLa8g5NSM5rffFZYzuB/l3bLHlXyHttEo3dxaeEpug+6uAYntEIUkJmNGx79EnJW/JDhCozjaNouOng8=\n"
    "trusted comment: timestamp:1763900000\tfile:list.txt\thashed\n"
    "YkSQkoRPkbjL8W8QwmUd7x/n4vJVNJ5ElzdRKZOGIJwD5U0Fz9ZSDSITuUBbvVF7zjKs9kjWfVrzBmqFPxIwCA==\n";

Error error_of(std::string_view list, std::string_view signature, std::vector<MinisignKey> keys) {
  const auto statement = verify_minisign(bytes_of(list), signature, keys);
  EXPECT_FALSE(statement);
  return statement ? Error{} : statement.error();
}

TEST(Minisign, WhatTheToolSignedPasses) {
  const auto key = parse_minisign_key(kKey);
  ASSERT_TRUE(key) << key.error().context;
  EXPECT_EQ(format_key_id(key->id), "0C2F4A5A43D3B432");
  const auto statement = verify_minisign(bytes_of(kList), kSignature, std::vector{*key});
  ASSERT_TRUE(statement) << statement.error().context;
  EXPECT_EQ(statement->realtime_ns, 1'763'900'000'000'000'000u);
  EXPECT_EQ(statement->file, "list.txt");
  EXPECT_FALSE(statement->sequence);
  EXPECT_EQ(statement->key_id, key->id);
}

TEST(Minisign, AnyOfTheKeysMaySign) {
  const MinisignSigner old_key(1), new_key(2), stranger(3);
  const std::vector keys{old_key.key(), new_key.key()};
  for (const auto* signer : {&old_key, &new_key}) {
    EXPECT_TRUE(verify_minisign(bytes_of(kList), signer->sign(kList, "timestamp:5"), keys));
  }
  const auto error = error_of(kList, stranger.sign(kList, "timestamp:5"), keys);
  EXPECT_EQ(error.code, ErrorCode::integrity);
  EXPECT_EQ(error.context, "signature: by key 0303030303030303, which is none of the source's");
}

TEST(Minisign, EveryChangedBitIsNoticed) {
  const MinisignSigner signer(1);
  const std::vector keys{signer.key()};
  const std::string signature = signer.sign(kList, "timestamp:5\tsequence:7");
  for (std::size_t bit = 0; bit < kList.size() * 8; ++bit) {
    std::string changed(kList);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(error_of(changed, signature, keys).code, ErrorCode::integrity);
  }
  const std::size_t covered = signature.find('\n') + 1;  // behind the untrusted comment's text
  for (std::size_t bit = covered * 8; bit < signature.size() * 8; ++bit) {
    std::string changed(signature);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_minisign(bytes_of(kList), changed, keys)) << "bit " << bit;
  }
  for (std::size_t size = 0; size + 1 < signature.size(); ++size) {
    EXPECT_FALSE(verify_minisign(bytes_of(kList), signature.substr(0, size), keys)) << "cut to " << size;
  }
  EXPECT_FALSE(verify_minisign(bytes_of(std::string(kList) + "b.example.test\n"), signature, keys)) << "goes on";
  EXPECT_FALSE(verify_minisign(bytes_of(kList.substr(1)), signature, keys)) << "cut";
}

TEST(Minisign, ACommentOfAnotherSignatureDoesNotFit) {
  const MinisignSigner signer(1);
  const auto older = signer.sign("other\n", "timestamp:9"), signature = signer.sign(kList, "timestamp:5");
  const std::string mixed =
      signature.substr(0, signature.find("trusted comment: t")) + older.substr(older.find("trusted comment: t"));
  EXPECT_EQ(error_of(kList, mixed, {signer.key()}).context, "signature: its trusted comment was changed");
}

TEST(Minisign, WhatTheCommentMustSay) {
  const MinisignSigner signer(1);
  const auto said = [&](std::string_view comment) {
    const auto statement = verify_minisign(bytes_of(kList), signer.sign(kList, comment), std::vector{signer.key()});
    return statement ? "at " + std::to_string(statement->realtime_ns / 1'000'000'000) + " number " +
                           (statement->sequence ? std::to_string(*statement->sequence) : "-") + " " + statement->file
                     : statement.error().context;
  };
  EXPECT_EQ(said("timestamp:5"), "at 5 number - ");
  EXPECT_EQ(said("sequence:0\tx\tfile:a:b\ttimestamp:5\tother:1"), "at 5 number 0 a:b");
  EXPECT_EQ(said("file:a"), "signature: its trusted comment has no timestamp");
  EXPECT_EQ(said(""), "signature: its trusted comment has no timestamp");
  EXPECT_EQ(said("timestamp:5\ttimestamp:6"), "signature: it says its timestamp twice");
  EXPECT_EQ(said("timestamp:5\tfile:a\tfile:b"), "signature: it says its file twice");
  EXPECT_EQ(said("timestamp:5x"), "signature: its timestamp is no number");
  EXPECT_EQ(said("timestamp:"), "signature: its timestamp is no number");
  EXPECT_EQ(said("timestamp:99999999999999"), "signature: its timestamp is no number");
  EXPECT_EQ(said("timestamp:5\tsequence:-1"), "signature: its sequence is no number");
}

TEST(Minisign, TheLegacyAlgorithmIsNotTaken) {
  const MinisignSigner signer(1);
  EXPECT_EQ(error_of(kList, signer.sign(kList, "timestamp:5", "Ed"), {signer.key()}).code, ErrorCode::unsupported);
}

TEST(Minisign, KeysThatAreNone) {
  for (const std::string_view text : {"", "RW", "RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APu",
                                      "AAQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK"}) {
    EXPECT_FALSE(parse_minisign_key(text)) << text;
  }
}

TEST(VerifyFeed, ASourceWithKeysSendsNothingUnsigned) {
  const MinisignSigner signer(1);
  VerifyRules rules{
      .max_size_bytes = 100, .keys = {signer.key()}, .signed_file = "list.txt", .trusted_now_realtime_ns = 0};
  rules.trusted_now_realtime_ns = 1000 * kNanosecondsPerSecond;
  const auto verify = [&](std::string signature) {
    RawFeed raw;
    raw.bytes.assign(kList.begin(), kList.end());
    raw.head.end_is_marked = true;
    raw.head.signature = std::move(signature);
    const auto feed = verify_feed(std::move(raw), rules);
    EXPECT_TRUE(!feed || feed->statement());
    return feed ? "" : feed.error().context;
  };
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:1000\tfile:list.txt")), "");
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:87400\tfile:list.txt")), "") << "a day ahead";
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:87401\tfile:list.txt")),
            "the signature is of more than a day ahead of this box's time");
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:1000\tfile:other.txt")),
            "the signature is for another file than list.txt");
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:1000")), "the signature is for another file than list.txt");
  EXPECT_EQ(verify(""), "signature: line 1 is no untrusted comment");
  EXPECT_EQ(verify("<html>not found</html>"), "signature: line 1 is no untrusted comment");
  rules.signed_file = "";
  EXPECT_EQ(verify(signer.sign(kList, "timestamp:1000\tfile:other.txt")), "");
}

}  // namespace
}  // namespace parapet::lists
