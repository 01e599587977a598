// SPDX-License-Identifier: Apache-2.0
// CONTRACT between parapet-edge (writer) and parapetd, parapet (readers): the shared counter file.
// docs/formats/counters.md describes it; tests hold golden bytes of it.
//
//   offset 0      Header         one writer: the edge's control thread
//   offset sizeof(Header)   WorkerBlock[0] one writer: worker 0
//   ...           WorkerBlock[worker_count - 1]
//
// Little-endian, all fields naturally aligned, every counter a u64 that only grows; readers take deltas and start
// again when boot_id or start_realtime_ns changes. Counters are written with relaxed atomic stores and read so.
// Readers accept the same major version and any minor: a later minor only fills reserved places.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "counters/names.h"

namespace parapet::counters {

static_assert(std::endian::native == std::endian::little, "the counter file is little-endian");

inline constexpr std::uint64_t kMagic = 0x52544e4354505250;  // "PRPTCNTR"
inline constexpr std::uint16_t kMajor = 2;
inline constexpr std::uint16_t kMinor = 0;

inline constexpr std::size_t kMaxWorkers = 64;
inline constexpr std::size_t kMaxPorts = 64;
inline constexpr std::size_t kMaxLists = 32;     // lists whose hits are counted one by one
inline constexpr std::size_t kReasonSlots = 64;  // room for FrameReason, UninspectedReason
inline constexpr std::size_t kSides = 2;
inline constexpr std::size_t kProtocolSlots = 8;
inline constexpr std::size_t kVerdictSlots = 4;
inline constexpr std::size_t kActionSlots = 16;

// Why the newest published snapshot is not in force; 0: it is.
enum class SnapshotRefusal : std::uint32_t { none, unreadable, malformed, version, key, checksum, older };

struct PortBlock {             // one per port, pair by pair, subscriber first
  std::uint8_t pair_name[32];  // zero-padded
  std::uint8_t side;           // 0 subscriber, 1 transit
  std::uint8_t link_up;
  std::uint8_t kind;  // 0 ethdev, 1 af_xdp
  std::uint8_t reserved0[5];
  std::uint64_t rx_missed;  // lost before we could take them, as the device says
  std::uint64_t rx_no_buffer;
  std::uint64_t tx_errors;
  std::uint64_t kernel_bypassed_frames;  // af_xdp: sent across by the kernel, no live edge
  std::uint64_t kernel_jumbo_frames;     // af_xdp: sent across by the kernel, too long for a socket
  std::uint64_t kernel_dropped_frames;   // af_xdp: the program could send them nowhere
  std::uint64_t reserved1[5];
};
static_assert(sizeof(PortBlock) == 128);

struct Header {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t header_size;  // where WorkerBlock[0] begins
  std::uint32_t worker_block_size;
  std::uint32_t worker_count;
  std::uint32_t port_count;
  std::uint32_t list_count;  // of the applied snapshot
  std::uint8_t boot_id[16];  // /proc/sys/kernel/random/boot_id
  std::uint64_t start_realtime_ns;
  std::uint64_t start_monotonic_ns;
  std::uint64_t heartbeat_monotonic_ns;  // of the control thread
  std::uint64_t applied_generation;      // every worker uses it; 0: none
  std::uint64_t applied_realtime_ns;     // when the last worker began to
  std::uint64_t published_realtime_ns;   // what the snapshot says of its making
  std::uint64_t refused_generation;      // of the newest snapshot that was refused
  std::uint64_t refused_snapshots;
  std::uint32_t refusal;            // SnapshotRefusal of the newest file
  std::uint32_t state;              // 0 starting, 1 running, 2 stopping
  std::uint64_t injections_failed;  // no buffer for a reset
  std::uint8_t key_id[8];           // of the digest key
  std::uint8_t reserved[3960];
  std::uint64_t list_id[kMaxLists];  // stable id of each list of the applied snapshot
  PortBlock ports[kMaxPorts];
};
static_assert(offsetof(Header, list_id) == 4096);
static_assert(sizeof(Header) % 64 == 0);

struct alignas(64) WorkerBlock {
  std::uint64_t heartbeat_monotonic_ns;
  std::uint64_t generation;  // of the snapshot in use; 0: none
  std::uint64_t rx_frames[kSides];
  std::uint64_t rx_bytes[kSides];
  std::uint64_t tx_frames[kSides];  // by the side they went out on; our own frames included
  std::uint64_t tx_bytes[kSides];
  std::uint64_t reasons[kReasonSlots];                    // FrameReason
  std::uint64_t uninspected[kReasonSlots];                // UninspectedReason
  std::uint64_t requests[kProtocolSlots][kVerdictSlots];  // Protocol, Verdict
  std::uint64_t actions[kActionSlots];                    // ActionKind
  std::uint64_t list_hits[kMaxLists][kProtocolSlots];     // by list of the applied snapshot, shadow ones too
  std::uint64_t checksums_verified;
  std::uint64_t checksums_bad;
  std::uint64_t ech_present;
  std::uint64_t records_in_use;  // gauge
  std::uint64_t strays_sent;     // handed to the worker that owns the stream
  std::uint64_t rx_bursts;
  std::uint64_t injected_frames;    // frames of our own that were handed to a port
  std::uint64_t injections_failed;  // no buffer for one
  std::uint64_t reserved[24];
};
static_assert(sizeof(WorkerBlock) % 64 == 0);
static_assert(kCountOf<FrameReason> <= kReasonSlots && kCountOf<UninspectedReason> <= kReasonSlots);
static_assert(kCountOf<Protocol> <= kProtocolSlots && kCountOf<Verdict> <= kVerdictSlots);
static_assert(kCountOf<ActionKind> <= kActionSlots);

// Adds to a counter of one's own block. Only its one writer may call it.
inline void add(std::uint64_t& counter, std::uint64_t amount = 1) noexcept {
  __atomic_store_n(&counter, counter + amount, __ATOMIC_RELAXED);
}
inline void set(std::uint64_t& value, std::uint64_t to) noexcept { __atomic_store_n(&value, to, __ATOMIC_RELAXED); }
inline std::uint64_t get(const std::uint64_t& value) noexcept { return __atomic_load_n(&value, __ATOMIC_RELAXED); }

}  // namespace parapet::counters
