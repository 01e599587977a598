// SPDX-License-Identifier: Apache-2.0
// Hellos out of CRYPTO bytes in any order: complete is what is covered.
#include "packet/quic/hello_assembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "message_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using support::TlsHello;

constexpr std::uint32_t kCap = 16 * 1024;

class Assembly : public ::testing::Test {
 protected:
  CryptoOutcome take(std::uint64_t offset, ByteView bytes) { return assembly_.take(hello_, {offset, bytes}); }
  CryptoOutcome take(const Bytes& of, std::size_t begin, std::size_t end) {
    return take(begin, ByteView{of}.subspan(begin, end - begin));
  }
  // The name of the next complete hello; empty: there is none.
  std::string next() {
    ech_ = false;
    if (assembly_.next(hello_, text_, ech_) != HelloOutcome::hello) return {};
    return text_.name_count == 0 ? "-" : support::to_text(text_.names[0].view());
  }
  bool unfinished() const { return hello_.is_unfinished(kept_); }

  KeptBytes kept_ = std::move(*KeptBytes::create(64, kCap / kKeptBlockSize));
  HelloAssembly assembly_{kept_, kCap};
  HelloBytes hello_{};
  RequestText text_{};
  bool ech_ = false;
};

TEST_F(Assembly, Q1_AnyOrderOfPiecesGivesTheHello) {
  std::mt19937 dice(1);
  for (int round = 0; round < 300; ++round) {
    const Bytes hello = TlsHello().padding(dice() % 3000).server_name("www.example.test").message();
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    for (std::size_t at = 0; at < hello.size();) {
      const std::size_t end = std::min<std::size_t>(hello.size(), at + 1 + dice() % 700);
      pieces.emplace_back(at, end);
      at = end;
    }
    std::shuffle(pieces.begin(), pieces.end(), dice);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_TRUE(unfinished());
      EXPECT_EQ(next(), "") << "before the last piece";
      ASSERT_EQ(take(hello, pieces[i].first, pieces[i].second), CryptoOutcome::taken);
    }
    EXPECT_EQ(next(), "www.example.test");
    EXPECT_FALSE(unfinished());
    kept_.release_all(hello_.chain);
    hello_ = {};
  }
}

TEST_F(Assembly, Q2_CopiesDoNotAddUpToACompleteHello) {
  const Bytes hello = TlsHello().server_name("www.example.test").message();
  for (int i = 0; i < 20; ++i) take(hello, 0, 40);
  EXPECT_EQ(next(), "");
  EXPECT_EQ(take(hello, 0, 40), CryptoOutcome::known);
  EXPECT_EQ(take(hello, 41, hello.size()), CryptoOutcome::taken);
  EXPECT_EQ(next(), "") << "one byte lacks";
  EXPECT_EQ(take(hello, 30, 50), CryptoOutcome::taken);
  EXPECT_EQ(next(), "www.example.test");
}

TEST_F(Assembly, Q2_OtherBytesAtAPlaceAreAConflictAndChangeNothing) {
  const Bytes hello = TlsHello().server_name("www.example.test").message();
  Bytes lie = hello;
  lie[60] ^= 1;
  take(hello, 0, 80);
  EXPECT_EQ(take(lie, 50, 100), CryptoOutcome::conflict);
  EXPECT_EQ(take(hello, 80, hello.size()), CryptoOutcome::taken);
  EXPECT_EQ(next(), "www.example.test");
  EXPECT_EQ(take(lie, 60, 61), CryptoOutcome::conflict) << "behind the complete hello, too";
}

TEST_F(Assembly, ASecondHelloIsReadBehindTheFirst) {
  const Bytes first = TlsHello().server_name("first.example.test").message();
  const Bytes second = TlsHello().encrypted_client_hello().server_name("second.example.test").message();
  Bytes both = first;
  support::append(both, second);
  take(both, 0, first.size() + 9);
  EXPECT_EQ(next(), "first.example.test");
  EXPECT_FALSE(ech_);
  EXPECT_EQ(next(), "");
  EXPECT_TRUE(unfinished());
  take(both, first.size() + 9, both.size());
  EXPECT_EQ(next(), "second.example.test");
  EXPECT_TRUE(ech_);
  EXPECT_FALSE(unfinished());
}

TEST_F(Assembly, MessagesThatAreNoHelloArePassedOver) {
  Bytes stream{8, 0, 0, 3, 1, 2, 3};
  support::append(stream, TlsHello().server_name("www.example.test").message());
  take(stream, 0, stream.size());
  EXPECT_EQ(next(), "www.example.test");
}

TEST_F(Assembly, AHelloOverTheCapIsMarkedAndNeverComplete) {
  const Bytes hello = TlsHello().padding(kCap).server_name("www.example.test").message();
  take(hello, 0, 100);
  EXPECT_FALSE(hello_.over_cap);
  EXPECT_EQ(next(), "");
  EXPECT_TRUE(hello_.over_cap);
  EXPECT_TRUE(unfinished());
}

TEST_F(Assembly, BytesBehindTheCapAreMarkedAndEndNothing) {
  const Bytes hello = TlsHello().server_name("www.example.test").message();
  EXPECT_EQ(take(kCap - 3, Bytes(6, 1)), CryptoOutcome::taken) << "its first three bytes";
  EXPECT_EQ(take((std::uint64_t{1} << 62) - 1, Bytes(6, 1)), CryptoOutcome::known);
  EXPECT_TRUE(hello_.over_cap);
  take(hello, 0, hello.size());
  EXPECT_EQ(next(), "www.example.test");
}

TEST_F(Assembly, APoolWithoutABlockKeepsNothing) {
  kept_ = std::move(*KeptBytes::create(1));
  EXPECT_EQ(take(0, Bytes(1500, 1)), CryptoOutcome::no_block);
  EXPECT_EQ(take(0, Bytes(900, 1)), CryptoOutcome::taken);
}

}  // namespace
}  // namespace parapet::packet
