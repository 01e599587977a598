// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The maps of the XDP program. Their names are the names of the pins; abi.h has the layouts.
#ifndef PARAPET_EBPF_MAPS_H
#define PARAPET_EBPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct parapet_abi);
} abi SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, PARAPET_PORTS);
  __type(key, __u32);
  __type(value, struct parapet_port);
} ports SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, PARAPET_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} heartbeats SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, PARAPET_SLOTS);
  __type(key, __u32);
  __type(value, __u32);
} sockets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, PARAPET_PORTS + 1);
  __type(key, __u32);
  __type(value, struct parapet_port_counters);
} port_counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, PARAPET_PORTS + 1);
  __type(key, __u32);
  __type(value, struct parapet_port_counters);
} reported SEC(".maps");

#endif
