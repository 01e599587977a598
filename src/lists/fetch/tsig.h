// SPDX-License-Identifier: Apache-2.0
// Signatures of DNS messages under a key that both sides hold.  RFC 8945
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "lists/fetch/dns_message.h"

struct evp_mac_ctx_st;

namespace parapet::lists {

// Wiped when it goes.
struct TsigKey {
  TsigKey() = default;
  TsigKey(TsigKey&&) = default;
  TsigKey& operator=(TsigKey&&) = default;
  TsigKey(const TsigKey&) = delete;
  TsigKey& operator=(const TsigKey&) = delete;
  ~TsigKey();

  std::string algorithm;  // wire name
  const char* hash = "";  // as OpenSSL calls it
  std::string name;       // wire name
  std::vector<std::uint8_t> secret;
};

// "ALGORITHM:NAME:SECRET": hmac-sha256, hmac-sha384 or hmac-sha512; the key's name; base64 of at least 16 bytes.
//   errors  malformed; never repeats the text
Result<TsigKey> parse_tsig_key(std::string_view text);
// The same from a file that only its owner can read.
//   errors  malformed · not_found · permission · io
Result<TsigKey> read_tsig_key(const std::string& path);

struct HmacFree {
  void operator()(evp_mac_ctx_st* context) const noexcept;
};
using Hmac = std::unique_ptr<evp_mac_ctx_st, HmacFree>;

// Appends a TSIG record to a query.  §5.2
//   out     its MAC, which the answer is bound to
//   errors  unavailable (OpenSSL)
Result<std::vector<std::uint8_t>> sign_query(const TsigKey& key, std::uint64_t now_s,
                                             std::vector<std::uint8_t>& message);

// The signatures of one answer's messages, in their order.  §5.3.1
class TsigVerifier {
 public:
  //   REQUIRES  the key outlives it
  //   errors    unavailable (OpenSSL)
  static Result<TsigVerifier> begin(const TsigKey& key, ByteView query_mac);

  // Of the messages between the first and the last up to 99 in a row may be unsigned: the next signature covers them.
  //   errors  integrity · refused (the primary says why it does not take our signature)
  Status take(ByteView bytes, const DnsMessage& message, std::uint64_t now_s);
  // Whether all that was taken is covered; an answer ends only there.
  bool is_covered() const noexcept { return taken_ > 0 && unsigned_ == 0; }

 private:
  TsigVerifier(const TsigKey& key, Hmac hmac) noexcept : key_(&key), hmac_(std::move(hmac)) {}
  Status judge(const TsigRecord& tsig, std::uint64_t now_s) const;
  Status check_mac(ByteView bytes, const TsigRecord& tsig);

  const TsigKey* key_;
  Hmac hmac_;
  std::uint64_t taken_ = 0;
  unsigned unsigned_ = 0;  // in a row
};

}  // namespace parapet::lists
