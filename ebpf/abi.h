// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// CONTRACT between the XDP program and parapet-edge: the layout of every pinned map. docs/formats/ebpf_abi.md describes
// it. The one file of ebpf/ that src/ includes; C17 and C++23, no other header but the kernel's fixed-width types.
//
//   pin_directory/
//     abi            array[1] of struct parapet_abi: which layout the other pins have
//     ports          hash: ifindex -> struct parapet_port
//     heartbeats     array[SLOTS] of __u64, mmapable: CLOCK_MONOTONIC ns of the worker that serves port x queue
//     sockets        xskmap[SLOTS]: the AF_XDP socket of port x queue
//     port_counters  per-CPU array[PORTS + 1] of struct parapet_port_counters; the last one is of unknown ports
//     reported       array[PORTS + 1] of struct parapet_port_counters: what an edge has put into its counter file; the
//                    next edge reports on from there, so that frames bypassed between the two are counted once
//     link-IFINDEX   the bpf_link that holds the program on that interface
//
// Host byte order, naturally aligned: the maps never leave the machine. A pin whose `abi` says another major number is
// not touched but refused; `parapet-edge --detach` removes it.
#ifndef PARAPET_EBPF_ABI_H
#define PARAPET_EBPF_ABI_H

#include <linux/types.h>

#define PARAPET_ABI_MAGIC 0x50425045u /* "EPBP" */
#define PARAPET_ABI_MAJOR 1
#define PARAPET_ABI_MINOR 0

#define PARAPET_PORTS 64  /* ports that have a number, as in the counter file */
#define PARAPET_QUEUES 64 /* receive queues of one port */
#define PARAPET_SLOTS (PARAPET_PORTS * PARAPET_QUEUES)
#define PARAPET_SLOT(port, queue) ((port) * PARAPET_QUEUES + (queue))

#define PARAPET_MAX_SOCKET_FRAME 3400 /* longer frames cross in the kernel, counted as jumbo */

struct parapet_abi {
  __u32 magic;
  __u16 major;
  __u16 minor;
};

/* What the program knows of the interface it runs on. */
struct parapet_port {
  __u32 port;         /* number of this port, < PARAPET_PORTS */
  __u32 peer_ifindex; /* the other port of the pair */
  __u32 queue_count;  /* queues the edge holds sockets for */
  __u32 reserved;
  __u64 heartbeat_timeout_ns; /* a beat older than this is stale */
};

/* Frames by what became of them; only ever growing, one writer a CPU. */
struct parapet_port_counters {
  __u64 to_socket; /* handed to the edge */
  __u64 bypassed;  /* sent across: no socket, or its heartbeat is stale */
  __u64 jumbo;     /* sent across: over PARAPET_MAX_SOCKET_FRAME */
  __u64 dropped;   /* unknown port */
};

#ifdef __cplusplus
#define PARAPET_ABI_ASSERT static_assert
#else
#define PARAPET_ABI_ASSERT _Static_assert
#endif
PARAPET_ABI_ASSERT(sizeof(struct parapet_abi) == 8, "layout");
PARAPET_ABI_ASSERT(sizeof(struct parapet_port) == 24, "layout");
PARAPET_ABI_ASSERT(sizeof(struct parapet_port_counters) == 32, "layout");

#endif
