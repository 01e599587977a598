// SPDX-License-Identifier: Apache-2.0
// What gpgv says is taken at its documented word alone: whatever else comes is no good signature.
#include "lists/verify/openpgp.h"

#include <gtest/gtest.h>
#include <random>

#include "lists/verify/verify.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kNow = 1'795'832'100 * kNanosecondsPerSecond;
const std::string kOpenPgpKey = "9F45DA1E4D1D0467";
const std::string kFingerprint = "EB6F003304B44C41A324419E9F45DA1E4D1D0467";
const std::string kOther = "76F631CE711C97C4270289DB62B9774595186454";

std::string line(const std::string& words) { return "[GNUPG:] " + words + "\n"; }

struct Valid {
  std::string fingerprint = kFingerprint, created = "1795832078", expires = "0", version = "4", algorithm = "22",
              hash = "8", form = "00", primary = kFingerprint;
  std::string text() const {
    return line("VALIDSIG " + fingerprint + " 2026-11-28 " + created + " " + expires + " " + version + " 0 " +
                algorithm + " " + hash + " " + form + " " + primary);
  }
};

// As gpgv 2.2.40 writes it.
std::string good(const Valid& valid = {}) {
  return line("NEWSIG hotline@example.test") + line("KEY_CONSIDERED " + kFingerprint + " 0") +
         line("SIG_ID M+S7qFqE7TSl0jSX9nfkfM+KjIs 2026-11-28 1795832078") +
         line("GOODSIG " + valid.fingerprint.substr(valid.fingerprint.size() - 16) +
              " Hotl\xc3\xafne <x@example.test>") +
         valid.text();
}

Result<SignedStatement> judge(const std::string& status, int exit_status = 0, Nanoseconds clock = kNow,
                              Nanoseconds now = kNow) {
  return judge_openpgp({exit_status, status, clock}, now);
}

ErrorCode refusal_of(const std::string& status, int exit_status = 0) {
  const auto judged = judge(status, exit_status);
  EXPECT_FALSE(judged) << status;
  return judged ? ErrorCode::invalid_argument : judged.error().code;
}

TEST(OpenPgp, AGoodSignatureTellsItsTimeAndKey) {
  const auto statement = judge(good());
  ASSERT_TRUE(statement) << statement.error().context;
  EXPECT_EQ(statement->realtime_ns, 1'795'832'078 * kNanosecondsPerSecond);
  EXPECT_EQ(format_key_id(statement->key_id), kOpenPgpKey);
  EXPECT_FALSE(statement->sequence);
  EXPECT_TRUE(statement->file.empty());
}

TEST(OpenPgp, ASubkeysSignatureIsNamedByItsPrimaryKey) {
  Valid by_subkey;
  by_subkey.primary = kOther;
  EXPECT_EQ(format_key_id(judge(good(by_subkey))->key_id), "62B9774595186454");
}

TEST(OpenPgp, OfSeveralSignaturesTheOldestIsTheListsTime) {
  Valid later;
  later.created = "1795832079";
  later.fingerprint = later.primary = kOther;
  for (const auto& status : {good() + good(later), good(later) + good()}) {
    const auto statement = judge(status);
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->realtime_ns, 1'795'832'078 * kNanosecondsPerSecond);
    EXPECT_EQ(format_key_id(statement->key_id), kOpenPgpKey);
  }
}

TEST(OpenPgp, EachRefusalHasItsReason) {
  const auto begin = line("NEWSIG");
  EXPECT_EQ(refusal_of(begin + line("BADSIG " + kOpenPgpKey + " name"), 1), ErrorCode::integrity);
  EXPECT_EQ(refusal_of(begin + line("ERRSIG " + kOpenPgpKey + " 22 8 00 1795832078 9 " + kFingerprint), 2),
            ErrorCode::integrity);
  EXPECT_EQ(refusal_of(begin + line("ERRSIG " + kOpenPgpKey + " 22 2 00 1795832078 5 " + kFingerprint), 2),
            ErrorCode::unsupported);
  EXPECT_EQ(refusal_of(begin + line("ERRSIG " + kOpenPgpKey + " 22 8 00 1795832078 6 " + kFingerprint), 2),
            ErrorCode::refused)
      << "a key that signed itself by SHA-1 alone";
  EXPECT_EQ(refusal_of(begin + line("ERRSIG " + kOpenPgpKey + " 17 8 00 1795832078 4 -"), 2), ErrorCode::unsupported);
  EXPECT_EQ(refusal_of(begin + line("EXPSIG " + kOpenPgpKey + " name") + Valid{}.text()), ErrorCode::refused);
  EXPECT_EQ(refusal_of(begin + line("REVKEYSIG " + kOpenPgpKey + " name") + Valid{}.text()), ErrorCode::refused);
  EXPECT_EQ(refusal_of(line("NODATA 1") + line("NODATA 2"), 2), ErrorCode::malformed);
  EXPECT_EQ(refusal_of(line("UNEXPECTED 0"), 2), ErrorCode::malformed);
  EXPECT_EQ(refusal_of("", 0), ErrorCode::malformed);
  EXPECT_EQ(refusal_of("", -1), ErrorCode::unavailable);
}

TEST(OpenPgp, AnExpiredKeyIsRefusedAlthoughGpgvEndsWell) {
  const auto judged = judge(line("NEWSIG") + line("KEYEXPIRED 1735603200") +
                            line("EXPKEYSIG " + kOpenPgpKey + " name") + Valid{}.text());
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().code, ErrorCode::refused);
  EXPECT_EQ(judged.error().context, "signature: by key " + kOpenPgpKey + ", which has expired");
}

TEST(OpenPgp, OneBadSignatureAmongGoodOnesRefusesTheFile) {
  const auto bad = line("NEWSIG") + line("BADSIG " + kOpenPgpKey + " name");
  EXPECT_EQ(refusal_of(good() + bad, 1), ErrorCode::integrity);
  EXPECT_EQ(refusal_of(bad + good(), 1), ErrorCode::integrity);
  EXPECT_EQ(refusal_of(good() + line("NEWSIG")), ErrorCode::unavailable);
  std::string many;
  for (std::size_t i = 0; i <= kMaxOpenPgpSignatures; ++i) many += good();
  EXPECT_EQ(refusal_of(many), ErrorCode::unavailable);
}

TEST(OpenPgp, AGoodStatusWithABadExitIsRefused) {
  EXPECT_EQ(refusal_of(good(), 1), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(good(), 2), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(good(), -1), ErrorCode::unavailable);
}

TEST(OpenPgp, WeakHashesOtherAlgorithmsAndTextSignaturesAreRefused) {
  for (const char* hash : {"1", "2", "3", "11", "0", "88"}) {  // MD5, SHA-1, RIPEMD-160, SHA-224
    Valid valid;
    valid.hash = hash;
    EXPECT_EQ(refusal_of(good(valid)), ErrorCode::unsupported) << hash;
  }
  Valid dsa, text;
  dsa.algorithm = "17";
  text.form = "01";
  EXPECT_EQ(refusal_of(good(dsa)), ErrorCode::unsupported);
  EXPECT_EQ(refusal_of(good(text)), ErrorCode::unsupported);
}

TEST(OpenPgp, ASignatureEndsByTrustedTime) {
  Valid valid;
  valid.expires = "1795832090";
  const auto before = kNow - 11 * kNanosecondsPerSecond;
  EXPECT_TRUE(judge(good(valid), 0, before, before));
  EXPECT_EQ(judge(good(valid), 0, before, kNow).error().context, "signature: the signature has expired");
}

TEST(OpenPgp, AClockFarBehindTrustedTimeCannotTellWhatHasExpired) {
  EXPECT_TRUE(judge(good(), 0, kNow - kMaxClockBehindNs, kNow));
  EXPECT_EQ(judge(good(), 0, kNow - kMaxClockBehindNs - 1, kNow).error().code, ErrorCode::refused);
}

TEST(OpenPgp, OtherLinesThanDocumentedOnesAreNoSignature) {
  EXPECT_EQ(refusal_of("gpgv: Good signature\n" + good()), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(good() + "x"), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(good() + line("FAILURE gpgv 1")), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(line("GOODSIG " + kOpenPgpKey + " a")), ErrorCode::unavailable) << "before any NEWSIG";
  EXPECT_EQ(refusal_of(line("NEWSIG") + Valid{}.text()), ErrorCode::unavailable) << "valid, and not good";
  EXPECT_EQ(refusal_of(line("NEWSIG") + line("GOODSIG " + kOpenPgpKey + " a")), ErrorCode::unavailable)
      << "good, and not valid";
  EXPECT_EQ(refusal_of(good() + Valid{}.text()), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of(line("NEWSIG") + line("GOODSIG " + std::string(16, '0') + " a") + Valid{}.text()),
            ErrorCode::unavailable)
      << "valid by another key than it is good by";
  EXPECT_EQ(refusal_of(good() + line(std::string(kMaxOpenPgpStatus, 'A'))), ErrorCode::unavailable);
}

TEST(OpenPgp, CutOrChangedFieldsOfValidsigAreRefused) {
  for (auto field : {&Valid::created, &Valid::expires, &Valid::version, &Valid::primary, &Valid::hash, &Valid::form,
                     &Valid::algorithm}) {
    for (const char* text : {"", "-1", "0x8", "99999999999999999999", "x"}) {
      Valid valid;
      valid.*field = text;
      EXPECT_FALSE(judge(good(valid))) << text;
    }
  }
  Valid iso;
  iso.created = "20261128T021438";
  EXPECT_FALSE(judge(good(iso))) << "no number of seconds";
}

TEST(OpenPgp, NothingGoodIsReadOutOfCutOrChangedLines) {
  const auto whole = good();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(judge(whole.substr(0, size))) << size;
  std::minstd_rand random{7};
  for (int round = 0; round < 10'000; ++round) {
    auto status = whole;
    for (unsigned i = 0; i <= random() % 3; ++i) status[random() % status.size()] = static_cast<char>(random());
    const auto judged = judge(status);
    const bool still_good = status.contains("GOODSIG ") && status.contains("VALIDSIG ");
    EXPECT_TRUE(!judged || still_good) << status;
  }
}

TEST(OpenPgp, TheGateTakesAFeedOnAGoodAnswerAlone) {
  const auto raw = [] {
    RawFeed feed;
    feed.bytes = {'a', '\n'};
    feed.head.end_is_marked = true;
    return feed;
  };
  VerifyRules rules{.max_size_bytes = 10, .trusted_now_realtime_ns = kNow};
  rules.openpgp = OpenPgpAnswer{0, good(), kNow};
  const auto verified = verify_feed(raw(), rules);
  ASSERT_TRUE(verified) << verified.error().context;
  EXPECT_EQ(verified->statement()->realtime_ns, 1'795'832'078 * kNanosecondsPerSecond);
  rules.openpgp = OpenPgpAnswer{};
  EXPECT_FALSE(verify_feed(raw(), rules));
  Valid ahead;
  ahead.created = "1796832078";
  rules.openpgp = OpenPgpAnswer{0, good(ahead), kNow};
  EXPECT_EQ(verify_feed(raw(), rules).error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace parapet::lists
