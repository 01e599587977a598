// SPDX-License-Identifier: Apache-2.0
// Where a stream is cut never changes what is read from it (T1, H19, S1).
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "stream_reading.h"
#include "streams.h"

namespace parapet::packet {
namespace {

using namespace streams;

TEST(Cuts, OfEveryPairOfPlacesGiveWhatTheWholeGives) {
  for (const support::Bytes& stream : short_streams()) {
    const Reading whole = settled(read_stream(stream));
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); ++second) {
        ASSERT_EQ(settled(read_stream(stream, {first, second})), whole)
            << text_of(stream) << "\ncut at " << first << " and " << second;
      }
    }
  }
}

TEST(Cuts, AtEveryByteGiveWhatTheWholeGives) {
  std::vector<support::Bytes> streams = short_streams();
  streams.push_back(support::TlsHello().padding(2000).server_name("x.test").records(100));
  streams.push_back(support::to_bytes(support::http_get(std::string(300, 'h'), "/" + std::string(5000, 't'))));
  streams.push_back(support::to_bytes("GET / HTTP/1.1\r\nA: " + std::string(kMaxHttpHead, 'a')));
  streams.push_back(support::to_bytes(std::string(kMaxUndecided + 5, 'T')));
  streams.push_back(support::to_bytes("G / x\nUpgrade: w\n\n\x01" + std::string(kMaxUpgradedGap + 5, 'T')));
  for (const support::Bytes& stream : streams) {
    std::vector<std::size_t> cuts(stream.size());
    std::iota(cuts.begin(), cuts.end(), std::size_t{1});
    EXPECT_EQ(settled(read_stream(stream, cuts)), settled(read_stream(stream))) << text_of(stream).substr(0, 200);
  }
}

TEST(Cuts, AtRandomPlacesOfRandomMixturesGiveWhatTheWholeGives) {
  std::mt19937 random(8);
  const std::vector<support::Bytes> parts = short_streams();
  const std::string pieces[] = {"\r\n", "\n",      "\r",     " ", "\t", ":", "Host", "GET",
                                "/",    "http://", "x.test", "0", "5",  ";", ","};
  for (int round = 0; round < 20000; ++round) {
    support::Bytes stream = parts[random() % parts.size()];
    for (std::size_t change = random() % 8; change > 0; --change) {
      const std::size_t at = random() % (stream.size() + 1);
      const std::string& piece = pieces[random() % std::size(pieces)];
      stream.insert(stream.begin() + static_cast<long>(at), piece.begin(), piece.end());
    }
    support::append(stream, parts[random() % parts.size()]);
    std::vector<std::size_t> cuts;
    for (std::size_t at = random() % 9; at < stream.size(); at += 1 + random() % 9) cuts.push_back(at);
    ASSERT_EQ(settled(read_stream(stream, cuts)), settled(read_stream(stream))) << text_of(stream);
  }
}

}  // namespace
}  // namespace parapet::packet
