// SPDX-License-Identifier: Apache-2.0
// The client side of QUIC for tests: Initials of any version with any frames in any order, and what may stand beside
// them in a datagram. Keys come by another way than the product's: HMAC by the whole, as RFC 5869 writes it down.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "message_builder.h"
#include "support_bytes.h"

namespace parapet::support {

inline constexpr std::uint32_t kQuicV1 = 1, kQuicV2 = 0x6b3343cf, kQuicV2Draft = 0x709a50c4;
inline constexpr std::uint32_t kQuicDraft29 = 0xff00001d, kQuicDraft34 = 0xff000022;

inline bool is_quic_v2(std::uint32_t version) { return version == kQuicV2 || version == kQuicV2Draft; }
enum class QuicType : std::uint8_t { initial, zero_rtt, handshake, retry };  // as version 1 numbers them

// --- keys: RFC 9001 §5.2, RFC 9369 §3.3, RFC 8446 §7.1 ---

struct QuicClientKeys {
  Bytes key, iv, header_key;
};

inline Bytes hmac_sha256(const Bytes& key, const Bytes& message) {
  Bytes out(32);
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.data(), &length);
  return out;
}
inline Bytes hkdf_expand_label(const Bytes& secret, std::string_view label, std::size_t length) {
  Bytes message;
  append_be16(message, length);
  append_u8(message, label.size() + 6);
  append(message, "tls13 ");
  append(message, label);
  append(message, Bytes{0, 1});
  Bytes out = hmac_sha256(secret, message);
  out.resize(length);
  return out;
}
inline Bytes from_hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}
inline QuicClientKeys quic_client_keys(std::uint32_t version, const Bytes& first_destination) {
  const bool two = is_quic_v2(version);
  const bool old_draft = version >= kQuicDraft29 && version < 0xff000021;
  const Bytes salt = from_hex(version == kQuicV2 ? "0dede3def700a6db819381be6e269dcbf9bd2ed9"
                              : two              ? "a707c203a59b47184a1d62ca570406ea7ae3e5d3"
                              : old_draft        ? "afbfec289993d24c9e9786f19c6111e04390a899"
                                                 : "38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
  const Bytes secret = hkdf_expand_label(hmac_sha256(salt, first_destination), "client in", 32);
  const std::string prefix = two ? "quicv2 " : "quic ";
  return {hkdf_expand_label(secret, prefix + "key", 16), hkdf_expand_label(secret, prefix + "iv", 12),
          hkdf_expand_label(secret, prefix + "hp", 16)};
}

// --- sealing: RFC 9001 §5.3, §5.4 ---

// Contexts that have their cipher: to fetch one takes longer than to seal with it.
inline EVP_CIPHER_CTX* sealing_context(const EVP_CIPHER* cipher) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, cipher, nullptr, nullptr, nullptr);
  return context;
}
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

inline Bytes aes_128_gcm_seal(const Bytes& key, const Bytes& nonce, const Bytes& header, const Bytes& text) {
  thread_local const CipherContext context(sealing_context(EVP_aes_128_gcm()), EVP_CIPHER_CTX_free);
  Bytes out(text.size() + 16);
  int length = 0;
  EVP_EncryptInit_ex(context.get(), nullptr, nullptr, key.data(), nonce.data());
  EVP_EncryptUpdate(context.get(), nullptr, &length, header.data(), static_cast<int>(header.size()));
  EVP_EncryptUpdate(context.get(), out.data(), &length, text.data(), static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(context.get(), out.data() + text.size(), &length);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, out.data() + text.size());
  return out;
}
inline Bytes aes_128_block(const Bytes& key, const std::uint8_t* block) {
  thread_local const CipherContext context(sealing_context(EVP_aes_128_ecb()), EVP_CIPHER_CTX_free);
  Bytes out(32);
  int length = 0;
  EVP_EncryptInit_ex(context.get(), nullptr, nullptr, key.data(), nullptr);
  EVP_EncryptUpdate(context.get(), out.data(), &length, block, 16);
  return out;
}

// --- packets ---

inline void append_be32(Bytes& to, std::uint32_t value) {
  append_be16(to, value >> 16);
  append_be16(to, value & 0xffff);
}
// In the fewest bytes, or in `length` of them.
inline void append_varint(Bytes& to, std::uint64_t value, unsigned length = 0) {
  const unsigned needed = value < 1U << 6 ? 1 : value < 1U << 14 ? 2 : value < 1U << 30 ? 4 : 8;
  if (length < needed) length = needed;
  const unsigned mark = length == 1 ? 0 : length == 2 ? 1 : length == 4 ? 2 : 3;
  for (unsigned i = length; i > 0; --i) append_u8(to, value >> (8 * (i - 1)));
  to[to.size() - length] = static_cast<std::uint8_t>(to[to.size() - length] | mark << 6);
}

inline Bytes quic_long_header(QuicType type, std::uint32_t version, const Bytes& destination, const Bytes& source,
                              unsigned low_bits, bool fixed_bit = true) {
  const unsigned bits = (static_cast<unsigned>(type) + (is_quic_v2(version) ? 1 : 0)) % 4;
  Bytes header;
  append_u8(header, 0x80 | (fixed_bit ? 0x40 : 0) | bits << 4 | low_bits);
  append_be32(header, version);
  append_u8(header, destination.size());
  append(header, destination);
  append_u8(header, source.size());
  append(header, source);
  return header;
}
// A 0-RTT or Handshake packet whose content nobody on the way can read.
inline Bytes quic_opaque_packet(QuicType type, const Bytes& destination, std::size_t length,
                                std::uint32_t version = kQuicV1) {
  Bytes packet = quic_long_header(type, version, destination, Bytes(5, 0x5c), 1);
  append_varint(packet, length, 2);
  for (std::size_t i = 0; i < length; ++i) packet.push_back(static_cast<std::uint8_t>(i * 13 + 7));
  return packet;
}

// One Initial. Frames stand in the order of the calls.
//   QuicInitial(id).crypto(0, hello).padded_to(1200).seal()
class QuicInitial {
 public:
  // The id that its keys come from, and that its header names unless destination() says another.
  explicit QuicInitial(Bytes first_destination) : first_(std::move(first_destination)), destination_(first_) {}

  QuicInitial& version(std::uint32_t version) {
    version_ = version;
    return *this;
  }
  QuicInitial& destination(Bytes id) {
    destination_ = std::move(id);
    return *this;
  }
  QuicInitial& source(Bytes id) {
    source_ = std::move(id);
    return *this;
  }
  QuicInitial& token(std::size_t length) {
    token_.assign(length, 0x7e);
    return *this;
  }
  QuicInitial& number(std::uint64_t number, unsigned length = 4) {
    number_ = number;
    number_length_ = length;
    return *this;
  }
  QuicInitial& without_fixed_bit() {
    fixed_bit_ = false;
    return *this;
  }
  QuicInitial& reserved_bits() {
    reserved_ = 3;
    return *this;
  }
  QuicInitial& bad_tag() {
    bad_tag_ = true;
    return *this;
  }

  QuicInitial& raw(const Bytes& bytes) {
    append(frames_, bytes);
    return *this;
  }
  QuicInitial& crypto(std::uint64_t offset, ByteView bytes) {
    append_varint(frames_, 6);
    append_varint(frames_, offset);
    append_varint(frames_, bytes.size());
    append(frames_, bytes);
    return *this;
  }
  QuicInitial& ping() { return raw({1}); }
  QuicInitial& padding(std::size_t count) { return raw(Bytes(count, 0)); }
  QuicInitial& ack(std::uint64_t largest, std::size_t ranges = 0, bool with_counts = false) {
    append_varint(frames_, with_counts ? 3 : 2);
    append_varint(frames_, largest);
    append_varint(frames_, 77);
    append_varint(frames_, ranges);
    append_varint(frames_, 0);
    for (std::size_t i = 0; i < ranges; ++i) append(frames_, Bytes{0, 0});
    if (with_counts) append(frames_, Bytes{1, 2, 3});
    return *this;
  }
  QuicInitial& close(std::string_view reason) {
    append(frames_, Bytes{0x1c, 0, 0});
    append_varint(frames_, reason.size());
    append(frames_, reason);
    return *this;
  }
  // PADDING at its end, so that the packet has at least so many bytes.
  QuicInitial& padded_to(std::size_t length) {
    padded_to_ = length;
    return *this;
  }

  Bytes seal() const { return seal(quic_client_keys(version_, first_)); }
  // With keys that were derived before.
  Bytes seal(const QuicClientKeys& keys) const {
    Bytes header = quic_long_header(QuicType::initial, version_, destination_, source_,
                                    reserved_ << 2 | (number_length_ - 1), fixed_bit_);
    append_varint(header, token_.size());
    append(header, token_);
    Bytes frames = frames_;
    const std::size_t around = header.size() + 2 + number_length_ + 16;
    if (frames.size() + around < padded_to_) frames.resize(padded_to_ - around);
    if (frames.size() + number_length_ < 4) frames.resize(4);  // RFC 9001 §5.4.2: room for a sample
    append_varint(header, number_length_ + frames.size() + 16, 2);
    const std::size_t number_at = header.size();
    for (unsigned i = number_length_; i > 0; --i) append_u8(header, number_ >> (8 * (i - 1)));

    Bytes nonce = keys.iv;
    for (std::size_t i = 0; i < 8; ++i) {
      nonce[4 + i] = static_cast<std::uint8_t>(nonce[4 + i] ^ (number_ >> (56 - 8 * i) & 0xff));
    }
    Bytes packet = header;
    append(packet, aes_128_gcm_seal(keys.key, nonce, header, frames));
    if (bad_tag_) packet.back() ^= 1;
    const Bytes mask = aes_128_block(keys.header_key, packet.data() + number_at + 4);
    packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0f));
    for (std::size_t i = 0; i < number_length_; ++i) packet[number_at + i] ^= mask[1 + i];
    return packet;
  }

 private:
  Bytes first_, destination_, token_, frames_;
  Bytes source_ = Bytes(8, 0x5c);
  std::uint32_t version_ = kQuicV1;
  std::uint64_t number_ = 0;
  unsigned number_length_ = 4, reserved_ = 0;
  bool fixed_bit_ = true, bad_tag_ = false;
  std::size_t padded_to_ = 0;
};

// A connection id that no other number gives.
inline Bytes quic_id(std::uint64_t n, std::size_t length = 8) {
  Bytes id(length);
  for (std::size_t i = 0; i < length; ++i) id[i] = static_cast<std::uint8_t>(n >> (8 * (i % 8)));
  return id;
}

}  // namespace parapet::support
