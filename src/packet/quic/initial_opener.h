// SPDX-License-Identifier: Apache-2.0
// Takes the protection off Initial packets.  RFC 9001 §5.3, §5.4
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "packet/flow/fixed_array.h"
#include "packet/quic/initial_keys.h"
#include "packet/quic/packet_numbers.h"

struct evp_cipher_ctx_st;  // libcrypto's

namespace parapet::packet {

struct OpenedInitial {
  ByteView payload;  // stays until the next open() or wipe_payload()
  std::uint64_t number;
};

// Holds the cipher contexts and room for one payload. What comes out is what its sender sealed, whole: AES-128-GCM.
//   cost    one AES key each for header and payload, then one pass; no allocation, no lock
//   thread  one
class InitialOpener {
 public:
  //   errors  unsupported (libcrypto has no AES-128-GCM) · limit (memory)
  static Result<InitialOpener> create();

  // Nothing: these keys do not fit, or the packet is too short to be one.
  //   packet   whole, as `header` says; not altered
  //   numbers  of its connection
  //   tries    grows by how often a payload was deciphered
  //   REQUIRES header.type initial
  std::optional<OpenedInitial> open(ByteView packet, const LongHeader& header, const InitialKeys& keys,
                                    const PacketNumbers& numbers, std::uint32_t& tries) noexcept;

  // Hellos hold names.
  void wipe_payload() noexcept;
  ByteView memory() const noexcept { return payload_.bytes(); }  // for a look at what is left in it

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  using Context = std::unique_ptr<evp_cipher_ctx_st, Free>;
  // A packet's header as it was before it was protected, in the parts that the tag covers.
  struct ClearHeader {
    std::uint8_t first;
    ByteView middle;
    std::array<std::uint8_t, 4> number;
    std::uint8_t number_length;
    std::uint32_t cut_number() const noexcept;
  };

  bool clear_header(ByteView packet, std::size_t number_at, const InitialKeys& keys, ClearHeader& out) noexcept;
  bool decipher(const ClearHeader& header, ByteView sealed, const InitialKeys& keys, std::uint64_t number) noexcept;

  Context header_cipher_;
  Context payload_cipher_;
  FixedArray<std::uint8_t> payload_;
  std::size_t payload_length_ = 0;  // bytes in use, of the last packet
};

}  // namespace parapet::packet
