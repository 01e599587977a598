// SPDX-License-Identifier: Apache-2.0
// Following the rings of DPDK's af_packet driver, and the setsockopt that keeps it from altering frames.
#include "edge/af_packet_ring.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <rte_mbuf.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "edge/buffers.h"

namespace parapet::edge {
namespace {

constexpr std::uint32_t kPage = 4096;
constexpr std::uint32_t kRingHead = 128;        // more than TPACKET_V2 puts before a frame
constexpr std::uint32_t kFramesPerRing = 2048;  // some 40 ms at 50,000 frames a second
constexpr std::uint16_t kTpid8021q = 0x8100;

// The rings that were asked for, in order, as the driver's setsockopt calls passed by.
struct AskedRing {
  int fd;
  std::uint32_t frame_size;
  std::uint32_t frame_count;
};
std::mutex asked_mutex;
std::vector<AskedRing> asked_rings;

void remember_ring(int fd, const tpacket_req& request) {
  const std::lock_guard lock(asked_mutex);
  std::erase_if(asked_rings, [fd](const AskedRing& ring) { return ring.fd == fd; });
  asked_rings.push_back({fd, request.tp_frame_size, request.tp_frame_nr});
}

bool is_bound_to(int fd, unsigned interface) noexcept {
  sockaddr_ll address{};
  socklen_t length = sizeof address;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.sll_family == AF_PACKET &&
         address.sll_ifindex == static_cast<int>(interface);
}

// Where this process has the ring of a packet socket mapped; nullptr: nowhere.
const std::uint8_t* mapping_of(int fd) {
  struct stat about{};
  if (::fstat(fd, &about) != 0) return nullptr;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "re"), std::fclose);
  std::array<char, 512> line{};
  const std::string wanted = "socket:[" + std::to_string(about.st_ino) + "]";
  while (maps && std::fgets(line.data(), line.size(), maps.get()) != nullptr) {
    if (std::strstr(line.data(), wanted.c_str()) == nullptr) continue;
    std::uintptr_t begin = 0;
    if (std::sscanf(line.data(), "%zx", &begin) == 1) return reinterpret_cast<const std::uint8_t*>(begin);
  }
  return nullptr;
}

bool names_argument(const std::string& arguments, const std::string& key) {
  return arguments.find("," + key + "=") != std::string::npos;
}

}  // namespace

AfPacketGeometry af_packet_geometry(std::uint16_t max_frame) noexcept {
  const std::uint32_t needed = max_frame + kRingHead;
  // Whole pages, or a half one for small frames, so that frames never straddle two of the kernel's blocks.
  const std::uint32_t frame_size = needed <= kPage / 2 ? kPage / 2 : (needed + kPage - 1) / kPage * kPage;
  return {frame_size, frame_size <= kPage ? kPage * 4 : frame_size * 4, kFramesPerRing};
}

std::string complete_af_packet_arguments(const std::string& arguments, std::uint16_t max_frame, std::size_t queues) {
  const AfPacketGeometry geometry = af_packet_geometry(max_frame);
  std::string whole = arguments;
  if (!names_argument(whole, "qpairs")) whole += ",qpairs=" + std::to_string(queues);
  if (!names_argument(whole, "framesz") && !names_argument(whole, "blocksz") && !names_argument(whole, "framecnt")) {
    whole += ",framesz=" + std::to_string(geometry.frame_size) + ",blocksz=" + std::to_string(geometry.block_size) +
             ",framecnt=" + std::to_string(geometry.frame_count);
  }
  return whole;
}

Result<std::vector<AfPacketRing>> AfPacketRing::find(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  std::vector<AfPacketRing> rings;
  const std::lock_guard lock(asked_mutex);
  for (const AskedRing& asked : asked_rings) {
    if (!is_bound_to(asked.fd, index)) continue;
    AfPacketRing ring;
    ring.fd_ = asked.fd;
    ring.base_ = mapping_of(asked.fd);
    ring.frame_size_ = asked.frame_size;
    ring.frame_count_ = asked.frame_count;
    if (ring.base_ != nullptr) rings.push_back(ring);
  }
  if (rings.empty()) return fail(ErrorCode::not_found, "no packet ring of DPDK's driver on " + interface);
  return rings;
}

std::uint16_t AfPacketRing::look(std::uint16_t room) noexcept {
  const std::uint16_t limit = std::min<std::uint16_t>(room, kMaxLook);
  std::uint32_t slot = next_;
  for (std::uint16_t i = 0; i < limit; ++i) {
    const auto* head = reinterpret_cast<const tpacket2_hdr*>(base_ + static_cast<std::size_t>(slot) * frame_size_);
    const std::uint32_t status = __atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE);
    if ((status & TP_STATUS_USER) == 0) return i;
    const bool tagged = (status & TP_STATUS_VLAN_VALID) != 0;
    const bool named = (status & TP_STATUS_VLAN_TPID_VALID) != 0;
    seen_[i] = {tagged ? (named ? head->tp_vlan_tpid : kTpid8021q) : std::uint16_t{0}, head->tp_len > head->tp_snaplen};
    if (++slot == frame_count_) slot = 0;
  }
  return limit;
}

std::uint16_t AfPacketRing::settle(rte_mbuf** frames, std::uint16_t count) noexcept {
  std::uint16_t kept = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    if (seen_[i].cut) {
      ++cut_short_;
      wipe_and_free(frames[i]);
      continue;
    }
    if (seen_[i].tpid != 0 && seen_[i].tpid != kTpid8021q) {
      store_be16(rte_pktmbuf_mtod_offset(frames[i], std::uint8_t*, 12), seen_[i].tpid);
    }
    frames[kept++] = frames[i];
  }
  next_ = (next_ + count) % frame_count_;
  return kept;
}

std::uint64_t AfPacketRing::take_drops() noexcept {
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;
  if (::getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0) return 0;
  return statistics.tp_drops;
}

}  // namespace parapet::edge

// Stands before libc's for this whole program, DPDK's drivers included. All but two options pass untouched.
extern "C" int setsockopt(int fd, int level, int option, const void* value, socklen_t length) noexcept {
  const auto call = [&](int what, const void* bytes, socklen_t size) {
    return static_cast<int>(::syscall(SYS_setsockopt, fd, level, what, bytes, size));
  };
  if (level == SOL_PACKET && option == PACKET_RX_RING && length == sizeof(tpacket_req)) {
    tpacket_req request{};
    std::memcpy(&request, value, sizeof request);
    const int done = call(option, value, length);
    if (done == 0) parapet::edge::remember_ring(fd, request);
    return done;
  }
  if (level == SOL_PACKET && option == PACKET_FANOUT && length == sizeof(int)) {
    const int on = 1;
    static_cast<void>(call(PACKET_IGNORE_OUTGOING, &on, sizeof on));
    int arguments = 0;
    std::memcpy(&arguments, value, sizeof arguments);
    // A full ring is a counted loss; rolling over to another would put a stream's frames out of order.
    arguments &= ~((PACKET_FANOUT_FLAG_DEFRAG | PACKET_FANOUT_FLAG_ROLLOVER) << 16);
    return call(option, &arguments, sizeof arguments);
  }
  return call(option, value, length);
}
