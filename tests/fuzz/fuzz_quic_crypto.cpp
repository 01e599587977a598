// SPDX-License-Identifier: Apache-2.0
// CRYPTO frames in any order against a plain model: what is complete, what conflicts, and which bytes won.
//   input  again and again: offset 2, length 1, then so many bytes; low bits of the offset's first byte leave room for
//          hellos of some KiB
#include <map>
#include <memory>

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

// The bytes that came first, one by one.
class Model {
 public:
  bool conflicts(std::uint64_t offset, ByteView bytes) const {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto found = bytes_.find(offset + i);
      if (found != bytes_.end() && found->second != bytes[i]) return true;
    }
    return false;
  }
  void take(std::uint64_t offset, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size() && offset + i < kCap; ++i) bytes_.try_emplace(offset + i, bytes[i]);
  }
  // The end of the first ClientHello from `at` on; 0: there is none that is whole.
  std::uint64_t end_of_hello(std::uint64_t at) const {
    for (;;) {
      std::uint64_t header = 0;
      for (std::uint64_t i = 0; i < 4; ++i) {
        if (!bytes_.contains(at + i)) return 0;
        header = header << 8 | bytes_.at(at + i);
      }
      const std::uint64_t end = at + 4 + (header & 0xffffff);
      if (end > kCap) return 0;
      for (std::uint64_t i = at; i < end; ++i) {
        if (!bytes_.contains(i)) return 0;
      }
      if (header >> 24 == 1) return end;
      at = end;
    }
  }

 private:
  std::map<std::uint64_t, std::uint8_t> bytes_;
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static KeptBytes kept = std::move(*KeptBytes::create(kCap / kKeptBlockSize, kCap / kKeptBlockSize));
  HelloAssembly assembly(kept, kCap);
  HelloBytes hello{};
  Model model;
  const auto text = std::make_unique<RequestText>();
  ByteReader reader(ByteView{data, size});
  while (reader.remaining() > 3) {
    const std::uint64_t offset = reader.be16() % (kCap + 600);
    const ByteView bytes = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
    const ByteView below_cap =
        offset >= kCap ? ByteView{} : bytes.first(std::min<std::size_t>(bytes.size(), kCap - offset));
    const CryptoOutcome outcome = assembly.take(hello, {offset, bytes});
    require(outcome != CryptoOutcome::no_block);
    require((outcome == CryptoOutcome::conflict) == model.conflicts(offset, below_cap));
    if (outcome != CryptoOutcome::conflict) model.take(offset, bytes);
    bool ech = false;
    for (;;) {
      const std::uint64_t end = model.end_of_hello(hello.message_at);
      const bool found = assembly.next(hello, *text, ech) == HelloOutcome::hello;
      require(found == (end != 0));
      if (!found) break;
      require(hello.message_at == end);
    }
  }
  kept.release_all(hello.chain);
  require(kept.free_blocks() == kCap / kKeptBlockSize);
  return 0;
}
