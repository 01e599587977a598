// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Fail to wire: hands frames to the edge's sockets while they are alive, else straight across to the peer port.
//
//     frame -> over 3,400 bytes?          -> peer port, counted jumbo
//           -> socket there, beat fresh?  -> socket
//           -> else                       -> peer port, counted bypassed
//           -> port not in `ports`?       -> dropped and counted: there is nowhere to send it
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

static __always_inline struct parapet_port_counters* counters_of(__u32 port) {
  return bpf_map_lookup_elem(&port_counters, &port);
}

/* Whether the worker behind this slot has beaten within the port's time. */
static __always_inline int is_fresh(__u32 slot, __u64 timeout_ns) {
  const __u64* beat = bpf_map_lookup_elem(&heartbeats, &slot);
  if (!beat) return 0;
  /* A beat can be a little younger than our clock reading: the difference is signed. */
  const __s64 age = (__s64)(bpf_ktime_get_ns() - *(const volatile __u64*)beat);
  return age < (__s64)timeout_ns;
}

SEC("xdp.frags")
int parapet_classify(struct xdp_md* ctx) {
  __u32 ifindex = ctx->ingress_ifindex;
  const struct parapet_port* port = bpf_map_lookup_elem(&ports, &ifindex);
  if (!port || port->port >= PARAPET_PORTS) {
    struct parapet_port_counters* unknown = counters_of(PARAPET_PORTS);
    if (unknown) unknown->dropped++;
    return XDP_DROP;
  }
  struct parapet_port_counters* counters = counters_of(port->port);
  if (!counters) return XDP_DROP;

  if (bpf_xdp_get_buff_len(ctx) > PARAPET_MAX_SOCKET_FRAME) {
    counters->jumbo++;
    return bpf_redirect(port->peer_ifindex, 0);
  }
  const __u32 queue = ctx->rx_queue_index;
  if (queue < port->queue_count && queue < PARAPET_QUEUES) {
    __u32 slot = PARAPET_SLOT(port->port, queue);
    if (bpf_map_lookup_elem(&sockets, &slot) && is_fresh(slot, port->heartbeat_timeout_ns)) {
      counters->to_socket++;
      return bpf_redirect_map(&sockets, slot, XDP_DROP);
    }
  }
  counters->bypassed++;
  return bpf_redirect(port->peer_ifindex, 0);
}

char parapet_license[] SEC("license") = "Dual BSD/GPL";
