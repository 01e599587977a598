// SPDX-License-Identifier: Apache-2.0
// The router in front of the server: TCP whose TTL or hop limit is used up ends here, everything else passes.
struct context {
  unsigned int data, data_end;
};

__attribute__((section("xdp.frags"), used)) int last_hop(struct context* context) {
  const unsigned char* frame = (const unsigned char*)(long)context->data;
  const unsigned char* end = (const unsigned char*)(long)context->data_end;
  if (frame + 34 > end) return 2;  // XDP_PASS
  const int is_ipv4 = frame[12] == 0x08 && frame[13] == 0x00;
  const int is_ipv6 = frame[12] == 0x86 && frame[13] == 0xdd;
  if (is_ipv4 && frame[23] == 6 && frame[22] <= 1) return 1;  // XDP_DROP
  if (is_ipv6 && frame[20] == 6 && frame[21] <= 1) return 1;
  return 2;
}
