// SPDX-License-Identifier: Apache-2.0
// The rules of ip_frag_queue and ip6_frag_queue, with their timeouts.
#include "ip_reassembly.h"

#include <iterator>

namespace parapet::cases {
namespace {

constexpr Nanoseconds kIpv4Timeout = 30 * kNanosecondsPerSecond, kIpv6Timeout = 60 * kNanosecondsPerSecond;
constexpr std::size_t kMaxDatagram = 65535;

}  // namespace

std::optional<IpReading> IpReassembly::take(const IpReading& fragment, Nanoseconds now) {
  const bool v4 = fragment.source.size() == 4;
  // RFC 791 §3.2 has the protocol in the key, RFC 8200 §4.5 has not.
  const Key key{fragment.source, fragment.destination, fragment.identification, v4 ? fragment.protocol : 0};
  auto found = datagrams_.find(key);
  if (found != datagrams_.end() && now - found->second.began > (v4 ? kIpv4Timeout : kIpv6Timeout)) {
    datagrams_.erase(found);
    found = datagrams_.end();
  }
  if (found == datagrams_.end()) found = datagrams_.emplace(key, Datagram{now, 0, {}, {}}).first;
  Datagram& datagram = found->second;

  Bytes bytes = fragment.payload;
  if (fragment.more && bytes.size() % 8 != 0) {
    if (!v4) return {};  // RFC 8200 §4.5: this fragment alone is discarded
    bytes.resize(bytes.size() / 8 * 8);
  }
  const std::size_t begin = fragment.offset, end = begin + bytes.size();
  const std::size_t known =
      datagram.runs.empty() ? 0 : std::prev(datagram.runs.end())->first + std::prev(datagram.runs.end())->second.size();
  const bool contradicts =
      fragment.more ? datagram.end && end > *datagram.end : end < known || (datagram.end && end != *datagram.end);
  if (bytes.empty() || end > kMaxDatagram || contradicts || !insert(datagram, begin, bytes)) {
    datagrams_.erase(found);
    return {};
  }
  if (begin == 0) datagram.protocol = fragment.protocol;
  if (!fragment.more) datagram.end = end;
  const auto& [first, run] = *datagram.runs.begin();
  if (!datagram.end || first != 0 || run.size() != *datagram.end) return {};
  IpReading whole = fragment;
  whole.protocol = datagram.protocol;
  whole.payload = run;
  whole.offset = 0;
  whole.more = whole.fragmented = false;
  datagrams_.erase(found);
  if (!pass_extensions(whole)) return {};
  return whole;
}

// False: it overlaps. What lies wholly inside of a run that is there is a copy, whatever it says.
bool IpReassembly::insert(Datagram& datagram, std::size_t begin, const Bytes& bytes) {
  const std::size_t end = begin + bytes.size();
  for (const auto& [at, run] : datagram.runs) {
    const std::size_t run_end = at + run.size();
    if (begin >= at && end <= run_end) return true;
    if (begin < run_end && at < end) return false;
  }
  datagram.runs[begin] = bytes;
  for (auto run = datagram.runs.begin(); run != datagram.runs.end();) {
    const auto next = std::next(run);
    if (next == datagram.runs.end() || run->first + run->second.size() != next->first) {
      run = next;
      continue;
    }
    support::append(run->second, ByteView{next->second});
    datagram.runs.erase(next);
  }
  return true;
}

}  // namespace parapet::cases
