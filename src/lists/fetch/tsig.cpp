// SPDX-License-Identifier: Apache-2.0
// HMAC by OpenSSL over what RFC 8945 §4.3 says.
#include "lists/fetch/tsig.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <algorithm>
#include <array>

#include "base/secret.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {
namespace {

constexpr std::uint16_t kFudgeS = 300;
constexpr unsigned kMaxUnsigned = 99;  // §5.3.1
constexpr std::size_t kMinSecret = 16;
constexpr std::uint16_t kBadSig = 16, kBadKey = 17, kBadTime = 18;

struct Algorithm {
  std::string_view name;
  const char* hash;
};
constexpr std::array kAlgorithms{Algorithm{"hmac-sha256", "SHA256"}, Algorithm{"hmac-sha384", "SHA384"},
                                 Algorithm{"hmac-sha512", "SHA512"}};

Error no_hmac() { return {ErrorCode::unavailable, "OpenSSL makes no HMAC"}; }

Result<Hmac> begin_hmac(const TsigKey& key) {
  EVP_MAC* mac = ::EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Hmac hmac(mac != nullptr ? ::EVP_MAC_CTX_new(mac) : nullptr);
  ::EVP_MAC_free(mac);
  std::string hash = key.hash;
  const std::array params{::OSSL_PARAM_construct_utf8_string("digest", hash.data(), 0), ::OSSL_PARAM_construct_end()};
  if (!hmac || ::EVP_MAC_init(hmac.get(), key.secret.data(), key.secret.size(), params.data()) != 1) {
    return std::unexpected(no_hmac());
  }
  return hmac;
}

bool update(const Hmac& hmac, ByteView bytes) { return ::EVP_MAC_update(hmac.get(), bytes.data(), bytes.size()) == 1; }

Result<std::vector<std::uint8_t>> end_hmac(const Hmac& hmac) {
  std::vector<std::uint8_t> mac(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (::EVP_MAC_final(hmac.get(), mac.data(), &size, mac.size()) != 1) return std::unexpected(no_hmac());
  mac.resize(size);
  return mac;
}

void append_be16(std::vector<std::uint8_t>& out, std::uint16_t value) {
  out.resize(out.size() + 2);
  store_be16(&out[out.size() - 2], value);
}
void append_counted(std::vector<std::uint8_t>& out, ByteView bytes) {
  append_be16(out, static_cast<std::uint16_t>(bytes.size()));
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void append(std::vector<std::uint8_t>& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

// §4.3.3: the timers alone, where a signature went before.
void append_timers(std::vector<std::uint8_t>& out, std::uint64_t signed_s, std::uint16_t fudge_s) {
  append_be16(out, static_cast<std::uint16_t>(signed_s >> 32));
  append_be16(out, static_cast<std::uint16_t>(signed_s >> 16));
  append_be16(out, static_cast<std::uint16_t>(signed_s));
  append_be16(out, fudge_s);
}

std::vector<std::uint8_t> variables_of(const TsigRecord& tsig) {
  std::vector<std::uint8_t> out;
  append(out, tsig.name);
  append_be16(out, kClassAny);
  out.insert(out.end(), 4, 0);  // TTL
  append(out, tsig.algorithm);
  append_timers(out, tsig.signed_s, tsig.fudge_s);
  append_be16(out, tsig.error);
  append_counted(out, tsig.other);
  return out;
}

std::vector<std::uint8_t> timers_of(const TsigRecord& tsig) {
  std::vector<std::uint8_t> out;
  append_timers(out, tsig.signed_s, tsig.fudge_s);
  return out;
}

std::vector<std::uint8_t> record_of(const TsigRecord& tsig) {
  std::vector<std::uint8_t> data;
  append(data, tsig.algorithm);
  append_timers(data, tsig.signed_s, tsig.fudge_s);
  append_counted(data, tsig.mac);
  append_be16(data, tsig.original_id);
  append_be16(data, tsig.error);
  append_counted(data, tsig.other);
  std::vector<std::uint8_t> out;
  append(out, tsig.name);
  append_be16(out, kTypeTsig);
  append_be16(out, kClassAny);
  out.insert(out.end(), 4, 0);  // TTL
  append_counted(out, data);
  return out;
}

bool is_base64(std::string_view text) {
  const auto digits = text.substr(0, text.find('='));
  return !text.empty() && text.size() % 4 == 0 && text.size() - digits.size() <= 2 &&
         text.find_first_not_of('=', digits.size()) == std::string_view::npos;
}

std::vector<std::uint8_t> decode_base64(std::string_view text) {
  if (!is_base64(text)) return {};
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  const int size = ::EVP_DecodeBlock(bytes.data(), bytes_of(text).data(), static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size) - static_cast<std::size_t>(std::ranges::count(text, '=')));
  return bytes;
}

}  // namespace

TsigKey::~TsigKey() { wipe(secret); }

void HmacFree::operator()(evp_mac_ctx_st* context) const noexcept { ::EVP_MAC_CTX_free(context); }

Result<TsigKey> parse_tsig_key(std::string_view text) {
  const auto first = text.find(':');
  const auto second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos) return fail(ErrorCode::malformed, "a TSIG key is ALGORITHM:NAME:SECRET");
  const auto algorithm = std::ranges::find(kAlgorithms, text.substr(0, first), &Algorithm::name);
  if (algorithm == kAlgorithms.end()) {
    return fail(ErrorCode::malformed, "a TSIG key's algorithm is none of hmac-sha256, hmac-sha384, hmac-sha512");
  }
  auto algorithm_name = to_wire_name(std::string(algorithm->name));
  auto name = to_wire_name(std::string(text.substr(first + 1, second - first - 1)));
  if (!algorithm_name || !name || name->size() < 2)
    return fail(ErrorCode::malformed, "a TSIG key's name is no name of DNS");
  TsigKey key;
  key.algorithm = std::move(*algorithm_name);
  key.hash = algorithm->hash;
  key.name = std::move(*name);
  key.secret = decode_base64(text.substr(second + 1));
  if (key.secret.size() < kMinSecret) {
    return fail(ErrorCode::malformed, "a TSIG key's secret is no base64 of at least 16 bytes");
  }
  return key;
}

Result<TsigKey> read_tsig_key(const std::string& path) {
  auto text = read_credentials(path, Authorization::bearer);
  if (!text) return std::unexpected(text.error());
  auto key = parse_tsig_key(*text);
  wipe(text->data(), text->size());
  if (!key) return std::unexpected(key.error().within("tsig_key_file " + path));
  return key;
}

Result<std::vector<std::uint8_t>> sign_query(const TsigKey& key, std::uint64_t now_s,
                                             std::vector<std::uint8_t>& message) {
  TsigRecord tsig{.name = key.name,
                  .algorithm = key.algorithm,
                  .signed_s = now_s,
                  .fudge_s = kFudgeS,
                  .mac = {},
                  .original_id = load_be16(&message[0]),
                  .other = {}};
  auto hmac = begin_hmac(key);
  if (!hmac) return std::unexpected(hmac.error());
  if (!update(*hmac, message) || !update(*hmac, variables_of(tsig))) return std::unexpected(no_hmac());
  auto mac = end_hmac(*hmac);
  if (!mac) return mac;
  tsig.mac = *mac;
  const auto record = record_of(tsig);
  message.insert(message.end(), record.begin(), record.end());
  store_be16(&message[10], static_cast<std::uint16_t>(load_be16(&message[10]) + 1));
  return mac;
}

Result<TsigVerifier> TsigVerifier::begin(const TsigKey& key, ByteView query_mac) {
  auto hmac = begin_hmac(key);
  if (!hmac) return std::unexpected(hmac.error());
  std::vector<std::uint8_t> counted;
  append_counted(counted, query_mac);
  if (!update(*hmac, counted)) return std::unexpected(no_hmac());
  return TsigVerifier(key, std::move(*hmac));
}

Status TsigVerifier::judge(const TsigRecord& tsig, std::uint64_t now_s) const {
  switch (tsig.error) {
    case 0: break;
    case kBadSig: return fail(ErrorCode::refused, "the primary does not take our signature (BADSIG): another secret?");
    case kBadKey: return fail(ErrorCode::refused, "the primary does not know our key or its algorithm (BADKEY)");
    case kBadTime:
      return fail(ErrorCode::refused, "the primary does not take our signature (BADTIME): its clock is another");
    default:
      return fail(ErrorCode::refused,
                  "the primary does not take our signature (error " + std::to_string(tsig.error) + ")");
  }
  if (tsig.name != key_->name || tsig.algorithm != key_->algorithm) {
    return fail(ErrorCode::integrity, "the answer is signed with another key or algorithm than tsig_key_file's");
  }
  const std::uint64_t apart = std::max(now_s, tsig.signed_s) - std::min(now_s, tsig.signed_s);
  if (apart > tsig.fudge_s) {
    return fail(ErrorCode::integrity, "the answer's signature is " + std::to_string(apart) +
                                          " s apart from this box's time; it allows " + std::to_string(tsig.fudge_s));
  }
  return {};
}

Status TsigVerifier::check_mac(ByteView bytes, const TsigRecord& tsig) {
  std::vector<std::uint8_t> header(bytes.begin(), bytes.begin() + kDnsHeader);
  store_be16(&header[0], tsig.original_id);
  store_be16(&header[10], static_cast<std::uint16_t>(load_be16(&header[10]) - 1));
  const auto closing = taken_ == 0 ? variables_of(tsig) : timers_of(tsig);
  const bool fed = update(hmac_, header) && update(hmac_, bytes.subspan(kDnsHeader, tsig.begin - kDnsHeader)) &&
                   update(hmac_, closing);
  auto mac = end_hmac(hmac_);
  if (!fed || !mac) return std::unexpected(no_hmac());
  if (mac->size() != tsig.mac.size() || ::CRYPTO_memcmp(mac->data(), tsig.mac.data(), mac->size()) != 0) {
    return fail(ErrorCode::integrity, "the signature does not fit the answer");
  }
  return {};
}

Status TsigVerifier::take(ByteView bytes, const DnsMessage& message, std::uint64_t now_s) {
  if (!message.tsig) {
    if (taken_ == 0) return fail(ErrorCode::integrity, "the primary's answer is not signed");
    if (++unsigned_ > kMaxUnsigned) {
      return fail(ErrorCode::integrity, "more than 99 messages in a row are not signed");
    }
    if (!update(hmac_, bytes)) return std::unexpected(no_hmac());
    ++taken_;
    return {};
  }
  if (auto status = judge(*message.tsig, now_s); !status) return status;
  if (auto status = check_mac(bytes, *message.tsig); !status) return status;
  auto next = begin(*key_, message.tsig->mac);
  if (!next) return std::unexpected(next.error());
  hmac_ = std::move(next->hmac_);
  unsigned_ = 0;
  ++taken_;
  return {};
}

}  // namespace parapet::lists
