// SPDX-License-Identifier: Apache-2.0
// Opening Initials with libcrypto.
#include "packet/quic/initial_opener.h"

#include <openssl/evp.h>

namespace parapet::packet {
namespace {

constexpr std::size_t kTagLength = 16, kSampleLength = 16, kMaxNumberLength = 4;
constexpr std::size_t kMaxDatagram = 65535;

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
};

// A context with its cipher chosen, so that from now on only keys change.
EVP_CIPHER_CTX* make_context(const char* name) noexcept {
  const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
  EVP_CIPHER_CTX* context = cipher != nullptr ? EVP_CIPHER_CTX_new() : nullptr;
  if (context == nullptr) return nullptr;
  const std::array<std::uint8_t, 16> no_key{}, no_nonce{};
  if (EVP_CipherInit_ex2(context, cipher.get(), no_key.data(), no_nonce.data(), 0, nullptr) == 1) return context;
  EVP_CIPHER_CTX_free(context);
  return nullptr;
}

bool feed_header(EVP_CIPHER_CTX* context, ByteView part) noexcept {
  int length = 0;
  return EVP_DecryptUpdate(context, nullptr, &length, part.data(), static_cast<int>(part.size())) == 1;
}

}  // namespace

void InitialOpener::Free::operator()(evp_cipher_ctx_st* context) const noexcept { EVP_CIPHER_CTX_free(context); }

std::uint32_t InitialOpener::ClearHeader::cut_number() const noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < number_length; ++i) value = value << 8 | number[i];
  return value;
}

Result<InitialOpener> InitialOpener::create() {
  InitialOpener opener;
  opener.header_cipher_.reset(make_context("AES-128-ECB"));
  opener.payload_cipher_.reset(make_context("AES-128-GCM"));
  if (opener.header_cipher_ == nullptr || opener.payload_cipher_ == nullptr) {
    return fail(ErrorCode::unsupported, "libcrypto gives no AES-128: QUIC cannot be read");
  }
  auto payload = FixedArray<std::uint8_t>::create(kMaxDatagram, "an opened QUIC packet");
  if (!payload) return std::unexpected(payload.error());
  opener.payload_ = std::move(*payload);
  return opener;
}

std::optional<OpenedInitial> InitialOpener::open(ByteView packet, const LongHeader& header, const InitialKeys& keys,
                                                 const PacketNumbers& numbers, std::uint32_t& tries) noexcept {
  wipe_payload();
  if (packet.size() > kMaxDatagram || packet.size() < header.number_at + kMaxNumberLength + kSampleLength) {
    return std::nullopt;
  }
  ClearHeader clear;
  if (!clear_header(packet, header.number_at, keys, clear)) return std::nullopt;
  const ByteView sealed = packet.subspan(header.number_at + clear.number_length);
  const PacketNumbers::Candidates candidates = numbers.complete(clear.cut_number(), clear.number_length);
  for (const std::uint64_t number : candidates.all()) {
    ++tries;
    if (decipher(clear, sealed, keys, number)) return OpenedInitial{{payload_.begin(), payload_length_}, number};
  }
  wipe_payload();
  return std::nullopt;
}

// RFC 9001 §5.4.2: the sample begins four bytes behind where the number does, whatever its length. The reserved bits
// are not looked at: it is the server's to refuse them.
bool InitialOpener::clear_header(ByteView packet, std::size_t number_at, const InitialKeys& keys,
                                 ClearHeader& out) noexcept {
  std::array<std::uint8_t, 16> mask;
  int length = 0;
  EVP_CIPHER_CTX* context = header_cipher_.get();
  const std::uint8_t* sample = packet.data() + number_at + kMaxNumberLength;
  if (EVP_EncryptInit_ex(context, nullptr, nullptr, keys.header_key.data(), nullptr) != 1 ||
      EVP_EncryptUpdate(context, mask.data(), &length, sample, kSampleLength) != 1) {
    return false;
  }
  out.first = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0f));
  out.middle = packet.subspan(1, number_at - 1);
  out.number_length = static_cast<std::uint8_t>((out.first & 3) + 1);
  for (std::size_t i = 0; i < out.number_length; ++i) {
    out.number[i] = static_cast<std::uint8_t>(packet[number_at + i] ^ mask[1 + i]);
  }
  return true;
}

bool InitialOpener::decipher(const ClearHeader& header, ByteView sealed, const InitialKeys& keys,
                             std::uint64_t number) noexcept {
  std::array<std::uint8_t, 12> nonce = keys.iv;
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] ^= static_cast<std::uint8_t>(number >> (56 - 8 * i));
  std::array<std::uint8_t, kTagLength> tag;
  const ByteView text = sealed.first(sealed.size() - kTagLength);
  std::copy(sealed.end() - kTagLength, sealed.end(), tag.begin());
  EVP_CIPHER_CTX* context = payload_cipher_.get();
  payload_length_ = text.size();
  int length = 0;
  return EVP_DecryptInit_ex(context, nullptr, nullptr, keys.key.data(), nonce.data()) == 1 &&
         feed_header(context, {&header.first, 1}) && feed_header(context, header.middle) &&
         feed_header(context, ByteView{header.number}.first(header.number_length)) &&
         EVP_DecryptUpdate(context, payload_.begin(), &length, text.data(), static_cast<int>(text.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagLength, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context, payload_.begin() + text.size(), &length) == 1;
}

void InitialOpener::wipe_payload() noexcept {
  wipe(payload_.begin(), payload_length_);
  payload_length_ = 0;
}

}  // namespace parapet::packet
