// SPDX-License-Identifier: Apache-2.0
// CRYPTO frames in any order against a plain model: what is complete, what conflicts, and which bytes won.
//   input  again and again: offset 2, length 1, then so many bytes; low bits of the offset's first byte leave room for
//          hellos of some KiB
#include <array>

#include "message_builder.h"
#include "packet/quic/hello_assembly.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

constexpr std::uint32_t kCap = 8 * 1024;

using fuzz::require;

std::vector<support::Bytes> make_seeds() {
  const support::Bytes hello = support::TlsHello().server_name("x.test").padding(300).message();
  support::Bytes forwards, backwards;
  for (std::size_t at = 0; at < hello.size(); at += 60) {
    const std::size_t length = std::min<std::size_t>(60, hello.size() - at);
    support::Bytes frame;
    support::append_be16(frame, at);
    support::append_u8(frame, length);
    support::append(frame, ByteView{hello}.subspan(at, length));
    support::append(forwards, frame);
    backwards.insert(backwards.begin(), frame.begin(), frame.end());
  }
  return {forwards, backwards};
}
const std::vector<support::Bytes> kSeeds = make_seeds();

// The bytes that came first, one by one. Its own branches are none of the fuzzer's business.
class Model {
 public:
  [[clang::no_sanitize("coverage")]] bool conflicts(std::uint64_t offset, ByteView bytes) const {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint16_t there = bytes_.at(offset + i);
      if (there != kNotThere && there != bytes[i]) return true;
    }
    return false;
  }
  [[clang::no_sanitize("coverage")]] void take(std::uint64_t offset, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::uint16_t& there = bytes_.at(offset + i);
      if (there == kNotThere) there = bytes[i];
    }
    while (whole_ < kCap && bytes_[whole_] != kNotThere) ++whole_;
  }
  // The end of the first ClientHello from `at` on; 0: there is none that is whole.
  [[clang::no_sanitize("coverage")]] std::uint64_t end_of_hello(std::uint64_t at) const {
    for (;;) {
      if (at + 4 > whole_) return 0;
      std::uint64_t header = 0;
      for (std::uint64_t i = 0; i < 4; ++i) header = header << 8 | bytes_[at + i];
      const std::uint64_t end = at + 4 + (header & 0xffffff);
      if (end > whole_) return 0;
      if (header >> 24 == 1) return end;
      at = end;
    }
  }

 private:
  static constexpr std::uint16_t kNotThere = 256;
  std::array<std::uint16_t, kCap> bytes_ = [] {
    std::array<std::uint16_t, kCap> none;
    none.fill(kNotThere);
    return none;
  }();
  std::uint64_t whole_ = 0;  // all bytes before are there
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static KeptBytes kept = std::move(*KeptBytes::create(kCap / kKeptBlockSize, kCap / kKeptBlockSize));
  HelloAssembly assembly(kept, kCap);
  HelloBytes hello{};
  Model model;
  RequestText text;
  ByteReader reader(ByteView{data, size});
  while (reader.remaining() > 3) {
    const std::uint64_t offset = reader.be16() % (kCap + 600);
    const ByteView bytes = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
    const ByteView below_cap =
        offset >= kCap ? ByteView{} : bytes.first(std::min<std::size_t>(bytes.size(), kCap - offset));
    const CryptoOutcome outcome = assembly.take(hello, {offset, bytes});
    require(outcome != CryptoOutcome::no_block);
    require((outcome == CryptoOutcome::conflict) == model.conflicts(offset, below_cap));
    if (outcome != CryptoOutcome::conflict) model.take(offset, below_cap);
    bool ech = false;
    for (;;) {
      const std::uint64_t end = model.end_of_hello(hello.message_at);
      const bool found = assembly.next(hello, text, ech) == HelloOutcome::hello;
      require(found == (end != 0));
      if (!found) break;
      require(hello.message_at == end);
    }
  }
  kept.release_all(hello.chain);
  require(kept.free_blocks() == kCap / kKeptBlockSize);
  return 0;
}
