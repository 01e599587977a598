// SPDX-License-Identifier: Apache-2.0
// What a fragment costs: through the whole pipeline, in our table alone, and beside it in DPDK's librte_ip_frag, which
// keeps the packets themselves, so that those that are to go on meanwhile have to be copied first.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ip_frag.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "fragment_builder.h"
#include "measure.h"
#include "packet/flow/fragment_table.h"
#include "packet_builder.h"
#include "requests.h"
#include "tiny_list.h"

namespace {

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;
using support::Sent;

constexpr std::size_t kDatagrams = 20'000;
constexpr int kRounds = 9;

std::vector<Sent> make_traffic(std::size_t pieces, std::size_t length) {
  std::vector<Sent> all;
  Bytes payload = support::dns_query({"www.example.test"});
  payload.resize(length);
  const std::size_t piece = (8 + length) / pieces / 8 * 8;
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < pieces; ++i) cuts.push_back(i * piece);
  for (std::size_t n = 0; n < kDatagrams; ++n) {
    const support::Ends ends{"192.0.2." + std::to_string(1 + n % 250), "198.51.100.20", 40000, 53};
    const Sent whole{support::PacketBuilder(ends).payload(payload).udp(), Side::subscriber};
    for (Sent& part : support::fragments(whole, cuts, static_cast<std::uint32_t>(n & 0xffff))) all.push_back(part);
  }
  return all;
}

template <typename Round>
void report(const char* what, std::size_t fragments, Round&& round) {
  std::vector<double> ns;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    round();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    ns.push_back(took.count() / static_cast<double>(fragments));
  }
  std::ranges::sort(ns);
  std::printf("  %-42s least %6.1f  median %6.1f ns/fragment\n", what, ns.front(), ns[ns.size() / 2]);
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench_fragments: %s\n", what);
  std::exit(1);
}

void run_pipeline(const std::vector<Sent>& traffic) {
  const support::TinyList list{"domain:listed.example.test"};
  bench::Line line(list.snapshot());
  std::vector<double> ns;
  for (int i = 0; i < kRounds; ++i) {
    std::vector<Sent> copy = traffic;
    ns.push_back(line.play(copy));
  }
  std::ranges::sort(ns);
  std::printf("  %-42s least %6.1f  median %6.1f ns/fragment\n", "the whole pipeline", ns.front(), ns[ns.size() / 2]);
}

// Decoding is not part of it, nor is it of DPDK's.
void run_own(const std::vector<Sent>& traffic) {
  auto table = FragmentTable::create({1024, 8192, tick_of(30 * kNanosecondsPerSecond)});
  if (!table) give_up("no memory");
  const FlowHasher hasher({1, 2});
  std::vector<Decoded> decoded;
  for (const Sent& sent : traffic) decoded.push_back(decode_packet(sent.bytes, LinkType::ethernet));
  Bytes scratch(kMaxDatagramLength);
  std::size_t whole = 0;
  report("our table, the datagram read out", traffic.size(), [&] {
    for (std::size_t i = 0; i < traffic.size(); ++i) {
      const Decoded& d = decoded[i];
      const ByteView data = ByteView{traffic[i].bytes}.subspan(d.payload_offset, d.payload_length);
      const auto taken =
          table->take({hasher.datagram(d.flow, d.fragment, {}), hasher.source(d.flow, {}), d.fragment, data, 0}, 1000);
      if (taken.outcome != FragmentOutcome::whole) continue;
      table->read(taken.datagram, MutableBytes{scratch}.first(table->length(taken.datagram)));
      table->retire(taken.datagram, 1000);
      ++whole;
    }
  });
  if (whole != kDatagrams * kRounds) give_up("our table lost datagrams");
}

void run_dpdk(const std::vector<Sent>& traffic, rte_mempool* pool) {
  rte_ip_frag_tbl* table = rte_ip_frag_table_create(1024, 4, 1024, rte_get_tsc_hz() * 30, SOCKET_ID_ANY);
  if (table == nullptr) give_up("no table of DPDK's");
  rte_ip_frag_death_row death_row{};
  Bytes scratch(kMaxDatagramLength);
  std::size_t whole = 0;
  report("librte_ip_frag, copied in and read out", traffic.size(), [&] {
    for (const Sent& sent : traffic) {
      rte_mbuf* copy = rte_pktmbuf_alloc(pool);
      if (copy == nullptr) give_up("no buffer");
      std::copy(sent.bytes.begin(), sent.bytes.end(), rte_pktmbuf_mtod(copy, std::uint8_t*));
      copy->data_len = static_cast<std::uint16_t>(sent.bytes.size());
      copy->pkt_len = copy->data_len;
      copy->l2_len = 14;
      copy->l3_len = 20;
      auto* ip = rte_pktmbuf_mtod_offset(copy, rte_ipv4_hdr*, 14);
      rte_mbuf* datagram = rte_ipv4_frag_reassemble_packet(table, &death_row, copy, rte_rdtsc(), ip);
      if (datagram == nullptr) continue;
      static_cast<void>(rte_pktmbuf_read(datagram, 34, datagram->pkt_len - 34, scratch.data()));
      rte_pktmbuf_free(datagram);
      ++whole;
    }
    rte_ip_frag_free_death_row(&death_row, 0);
  });
  if (whole != kDatagrams * kRounds) give_up("DPDK's table lost datagrams");
  rte_ip_frag_table_destroy(table);
}

}  // namespace

int main(int, char** argv) {
  const char* eal[] = {argv[0], "--no-huge", "--no-shconf", "--no-pci", "-m", "256", "-l", "0", "--log-level=3"};
  if (rte_eal_init(static_cast<int>(std::size(eal)), const_cast<char**>(eal)) < 0) give_up("EAL does not start");
  rte_mempool* pool = rte_pktmbuf_pool_create("fragments", 16384, 256, 0, 2048, SOCKET_ID_ANY);
  if (pool == nullptr) give_up("no buffers");
  for (const auto& [pieces, length] : {std::pair{2, 1600}, std::pair{4, 5600}}) {
    const std::vector<Sent> traffic = make_traffic(static_cast<std::size_t>(pieces), static_cast<std::size_t>(length));
    std::printf("datagrams of %d bytes in %d fragments\n", length, pieces);
    run_pipeline(traffic);
    run_own(traffic);
    run_dpdk(traffic, pool);
  }
  return 0;
}
