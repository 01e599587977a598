// SPDX-License-Identifier: Apache-2.0
// Public keys come with armour or without it; nothing else is handed to gpgv as a key.
#include "lists/verify/openpgp_key.h"

#include <gtest/gtest.h>
#include <string>

namespace parapet::lists {
namespace {

// Made for this test by gpg 2.2.40; the uid is hotline@example.test.
const std::string kArmoured = R"(-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawo5DhYJKwYBBAHaRw8BAQdAYPMsi3gNZlUMn9JJkarZQDpui40IqkrxpGWD
GgpyqfO0FGhvdGxpbmVAZXhhbXBsZS50ZXN0iJAEExYIADgWIQTrbwAzBLRMQaMk
QZ6fRdoeTR0EZwUCawo5DgIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRCf
RdoeTR0EZ+UxAQDEoggQWuBXITOs8fbFlDCoWnEZtepfroClanYY8Wtl2wEAx+cP
1NP1o22jqI8zOGjJosWr1l0qEXea0pVbhc8LFgM=
=+enX
-----END PGP PUBLIC KEY BLOCK-----
)";

std::string without_armour(const std::string& file) {
  const auto key = parse_openpgp_key(bytes_of(file));
  EXPECT_TRUE(key) << key.error().context;
  return key ? std::string(text_of(*key)) : "";
}

ErrorCode code_of(const std::string& file) {
  const auto key = parse_openpgp_key(bytes_of(file));
  EXPECT_FALSE(key);
  return key ? ErrorCode::invalid_argument : key.error().code;
}

TEST(OpenPgpKey, ArmourComesOffAndWhatIsBareStays) {
  const auto bare = without_armour(kArmoured);
  EXPECT_EQ(bare.size(), 221u);
  EXPECT_EQ(bare.substr(0, 2), "\x98\x33");
  EXPECT_EQ(without_armour(bare), bare);
}

TEST(OpenPgpKey, HeadersBlanksAndLineEndsOfOthersDoNotMatter) {
  auto other = kArmoured;
  other.insert(other.find('\n') + 1, "Comment: of the hotline\nVersion: 1\n");
  other += "\n \n";
  EXPECT_EQ(without_armour(other), without_armour(kArmoured));
  std::string crlf;
  for (const char c : kArmoured) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(without_armour(crlf), without_armour(kArmoured));
}

TEST(OpenPgpKey, SecretKeysAreRefused) {
  EXPECT_EQ(code_of("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgEA\n"), ErrorCode::refused);
  EXPECT_EQ(code_of("\x95\x01\x02"), ErrorCode::refused);
}

// Its head and the length of its modulus; the rest does not matter here.
std::string rsa_packet(const std::string& tag_and_length, unsigned bits) {
  std::string body("\x04\x6b\x0a\x43\xbe\x01", 6);
  body += static_cast<char>(bits >> 8);
  body += static_cast<char>(bits & 0xff);
  return tag_and_length + body;
}

TEST(OpenPgpKey, ShortRsaKeysAndSubkeysAreRefused) {
  const auto bare = without_armour(kArmoured);
  EXPECT_EQ(code_of(rsa_packet("\x98\x08", 1024)), ErrorCode::refused);
  EXPECT_EQ(code_of(rsa_packet("\x98\x08", 2047)), ErrorCode::refused);
  without_armour(rsa_packet("\x98\x08", 2048));
  for (const auto& header : {std::string("\xb8\x08"), std::string("\xb9\0\x08", 3), std::string("\xba\0\0\0\x08", 5),
                             std::string("\xce\x08"), std::string("\xce\xff\0\0\0\x08", 6)}) {
    EXPECT_EQ(code_of(bare + rsa_packet(header, 1024)), ErrorCode::refused) << "a subkey";
    without_armour(bare + rsa_packet(header, 3072));
  }
  EXPECT_EQ(code_of(bare + "\xbb"), ErrorCode::malformed) << "a length that is not told";
  EXPECT_EQ(code_of(bare + "\xce\xe1x"), ErrorCode::malformed) << "a partial length";
}

TEST(OpenPgpKey, OtherFilesAreRefused) {
  EXPECT_EQ(code_of(""), ErrorCode::malformed);
  EXPECT_EQ(code_of("<html>"), ErrorCode::malformed);
  EXPECT_EQ(code_of("\x88\x01"), ErrorCode::malformed) << "a signature";
  EXPECT_EQ(code_of(kArmoured + kArmoured), ErrorCode::malformed) << "two blocks; two keys are two files";
  EXPECT_EQ(code_of(std::string(kMaxOpenPgpKeyFile + 1, '\x98')), ErrorCode::limit);
  for (std::size_t size = 0; size < kArmoured.size() - 1; ++size) {
    EXPECT_FALSE(parse_openpgp_key(bytes_of(kArmoured.substr(0, size)))) << size;
  }
  auto high = kArmoured;
  high[120] = '\xc3';
  EXPECT_EQ(code_of(high), ErrorCode::malformed);
}

}  // namespace
}  // namespace parapet::lists
