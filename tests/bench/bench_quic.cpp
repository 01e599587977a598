// SPDX-License-Identifier: Apache-2.0
// Nanoseconds per QUIC Initial of 1,200 bytes on one core: keys, opening, and the whole packet path; and the same steps
// in another library, where it was found. Not part of the test suite.
//   bench_quic [WORDS]    only the lines that hold WORDS
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#if PARAPET_HAS_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

#include "base/clock.h"
#include "packet/pipeline/pipeline.h"
#include "packet/quic/initial_opener.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "tiny_list.h"

namespace {

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;
using support::PacketBuilder;
using support::QuicInitial;

constexpr std::size_t kPackets = 20000;
constexpr int kRuns = 15;

const char* wanted = "";

// The best and the median of some runs of `work` over all packets, per packet.
void measure(const char* what, const std::function<void()>& work) {
  if (std::strstr(what, wanted) == nullptr) return;
  std::vector<double> runs;
  for (int run = 0; run < kRuns; ++run) {
    const Nanoseconds start = read_clock(CLOCK_THREAD_CPUTIME_ID);  // others may run beside us
    work();
    runs.push_back(static_cast<double>(read_clock(CLOCK_THREAD_CPUTIME_ID) - start) / kPackets);
  }
  std::ranges::sort(runs);
  std::printf("%-58s %7.0f ns best %7.0f ns median\n", what, runs.front(), runs[kRuns / 2]);
}

std::vector<Bytes> make_packets(std::size_t length) {
  const Bytes hello = support::TlsHello().padding(400).server_name("www.example.test").message();
  std::vector<Bytes> packets;
  for (std::size_t n = 0; n < kPackets; ++n) {
    packets.push_back(QuicInitial(support::quic_id(n)).crypto(0, hello).padded_to(length).seal());
  }
  return packets;
}

void measure_parts(const std::vector<Bytes>& packets) {
  const InitialKeySchedule schedule;
  InitialOpener opener = std::move(*InitialOpener::create());
  std::vector<LongHeader> headers(kPackets);
  std::vector<InitialKeys> keys(kPackets);
  measure("long header", [&] {
    for (std::size_t i = 0; i < kPackets; ++i) read_long_header(packets[i], headers[i]);
  });
  measure("keys: 14 blocks of SHA-256, salts computed before", [&] {
    for (std::size_t i = 0; i < kPackets; ++i) keys[i] = schedule.client_keys(QuicVersion::v1, headers[i].destination);
  });
  std::size_t opened = 0;
  std::uint32_t tries = 0;
  const auto open_all = [&] {
    for (std::size_t i = 0; i < kPackets; ++i) {
      opened += opener.open(packets[i], headers[i], keys[i], {}, tries).has_value();
    }
  };
  measure("opening: header, AES-128-GCM with its tag, wiping", open_all);
  if (opened != 0 && opened != kPackets * kRuns) std::printf("only %zu opened\n", opened);
  std::ranges::rotate(keys, keys.begin() + 1);
  measure("opening with wrong keys", open_all);
}

void measure_path(const char* what, const std::vector<Bytes>& packets, std::uint32_t per_s, bool many_ends) {
  if (std::strstr(what, wanted) == nullptr) return;
  static const support::TinyList list{"domain:listed.example.test"};
  std::vector<Bytes> frames;
  for (std::size_t n = 0; n < kPackets; ++n) {
    const support::Ends ends{"192.0.2." + std::to_string(1 + (many_ends ? n % 250 : 0)), "198.51.100.20",
                             static_cast<std::uint16_t>(many_ends ? 1024 + n / 250 : 1024), 443};
    frames.push_back(PacketBuilder(ends).payload(packets[n]).udp());
  }
  PipelineOptions options;
  options.limits.quic_initials_per_s = per_s;
  counters::WorkerBlock block{};
  auto pipeline = std::move(*Pipeline::create(options, {1, 2}, support::kTestKey, block));
  Nanoseconds now = 1'000'000'000;
  measure(what, [&] {
    std::array<Frame, kMaxBurst> burst;
    std::array<Fate, kMaxBurst> fates;
    InjectionQueue injections;
    for (std::size_t at = 0; at < kPackets; at += kMaxBurst) {
      const std::size_t count = std::min(kMaxBurst, kPackets - at);
      for (std::size_t i = 0; i < count; ++i) {
        Bytes& one = frames[at + i];
        burst[i] = {one.data(), static_cast<std::uint32_t>(one.size()), Side::subscriber, {}, LinkType::ethernet};
      }
      injections.clear();
      pipeline->process({burst.data(), count}, {fates.data(), count}, &list.snapshot(), now, injections);
      now += 100'000;
    }
    now += 200 * kNanosecondsPerSecond;
  });
}

#if PARAPET_HAS_IPSEC_MB
// The same work with Intel's library: its single calls, as one packet at a time comes.
void measure_ipsec_mb(const std::vector<Bytes>& packets) {
  IMB_MGR* manager = alloc_mb_mgr(0);
  init_mb_mgr_auto(manager, nullptr);
  const Bytes id = support::quic_id(5), block(64, 0x36);
  const support::QuicClientKeys keys = support::quic_client_keys(1, id);
  measure("intel-ipsec-mb: 14 blocks of SHA-256", [&] {
    std::uint8_t digest[32];
    for (std::size_t i = 0; i < kPackets; ++i) {
      for (int n = 0; n < 14; ++n) IMB_SHA256_ONE_BLOCK(manager, block.data(), digest);
    }
  });
  measure("intel-ipsec-mb: both keys, header, AES-128-GCM, its tag", [&] {
    alignas(64) gcm_key_data gcm_key;
    gcm_context_data context;
    alignas(16) std::uint32_t encrypt[44], decrypt[44];
    std::uint8_t out[1500], tag[16], mask[16], no_text[16] = {};
    for (const Bytes& packet : packets) {
      IMB_AES_KEYEXP_128(manager, keys.header_key.data(), encrypt, decrypt);
      IMB_AES128_CFB_ONE(manager, mask, no_text, packet.data() + 30, encrypt, 16);  // over zeros: one block
      IMB_AES128_GCM_PRE(manager, keys.key.data(), &gcm_key);
      IMB_AES128_GCM_DEC(manager, &gcm_key, &context, out, packet.data() + 30, packet.size() - 46, keys.iv.data(),
                         packet.data(), 30, tag, 16);
    }
  });
  free_mb_mgr(manager);
}
#endif

}  // namespace

int main(int count, char** words) {
  if (count > 1) wanted = words[1];
  const std::vector<Bytes> packets = make_packets(1200);
  std::printf("QUIC Initials of 1,200 bytes, %zu of them, %d runs\n", kPackets, kRuns);
  measure_parts(packets);
  measure_path("packet path: whole hellos of as many clients", packets, 10'000'000, true);
  measure_path("packet path: over the budget", packets, 1, true);
  std::vector<Bytes> garbage, halves, slivers;
  const Bytes hello = support::TlsHello().padding(400).server_name("www.example.test").message();
  for (std::size_t n = 0; n < kPackets; ++n) {
    garbage.push_back(QuicInitial(support::quic_id(n)).padded_to(1200).bad_tag().seal());
    halves.push_back(QuicInitial(support::quic_id(n)).crypto(0, ByteView{hello}.first(300)).padded_to(1200).seal());
    QuicInitial bytes(support::quic_id(n));
    for (std::size_t i = 0; i < 190; ++i) bytes.crypto(i * 80, ByteView{hello}.subspan(1, 1));
    slivers.push_back(bytes.padded_to(1200).seal());
  }
  measure_path("packet path: packets that do not open", garbage, 10'000'000, true);
  measure_path("packet path: first halves of hellos", halves, 10'000'000, true);
  measure_path("packet path: one byte a frame, all over the hello", slivers, 10'000'000, true);
  measure_path("packet path: first halves, all between the same two ends", halves, 10'000'000, false);
#if PARAPET_HAS_IPSEC_MB
  measure_ipsec_mb(packets);
#else
  std::printf("intel-ipsec-mb was not found: no comparison with it\n");
#endif
  return 0;
}
