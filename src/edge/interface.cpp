// SPDX-License-Identifier: Apache-2.0
// ioctl and /proc for kernel interfaces.
#include "edge/interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/file.h"

namespace parapet::edge {
namespace {

constexpr int kEthernetHeader = 14;

class InterfaceRequest {
 public:
  explicit InterfaceRequest(const std::string& interface) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    std::memset(&request_, 0, sizeof request_);
    interface.copy(request_.ifr_name, sizeof request_.ifr_name - 1);
  }
  bool ask(unsigned long what) noexcept { return ::ioctl(socket_.get(), what, &request_) == 0; }
  bool ethtool(void* command) noexcept {
    request_.ifr_data = static_cast<char*>(command);
    return ask(SIOCETHTOOL);
  }
  ifreq& operator*() noexcept { return request_; }

 private:
  Fd socket_;
  ifreq request_;
};

// The value of an ETHTOOL_G* flag; false where the driver does not know it.
std::uint32_t ethtool_flags(const std::string& interface, std::uint32_t command) {
  ethtool_value value{};
  value.cmd = command;
  return InterfaceRequest(interface).ethtool(&value) ? value.data : 0;
}

bool change_flags(InterfaceRequest& request, short set, short clear) noexcept {
  if (!request.ask(SIOCGIFFLAGS)) return false;
  (*request).ifr_flags = static_cast<short>(((*request).ifr_flags & ~clear) | set);
  return request.ask(SIOCSIFFLAGS);
}

}  // namespace

Status check_offloads(const std::string& interface) {
  if (::if_nametoindex(interface.c_str()) == 0) return fail(ErrorCode::not_found, "no interface " + interface);
  const bool gro = ethtool_flags(interface, ETHTOOL_GGRO) != 0;
  const bool lro = (ethtool_flags(interface, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
  if (!gro && !lro) return {};
  return fail(ErrorCode::refused, interface + " has " +
                                      (gro && lro ? "GRO and LRO"
                                       : gro      ? "GRO"
                                                  : "LRO") +
                                      " on, which merges frames so that they cannot pass as they came; turn it off: "
                                      "ethtool -K " +
                                      interface + " gro off lro off");
}

Status prepare_interface(const std::string& interface, std::uint16_t max_frame) {
  InterfaceRequest request(interface);
  if (!request.ask(SIOCGIFMTU)) return fail_errno("reading the MTU of " + interface);
  const int wanted = max_frame - kEthernetHeader;
  if ((*request).ifr_mtu != wanted) {
    (*request).ifr_mtu = wanted;
    if (!request.ask(SIOCSIFMTU))
      return fail_errno("setting the MTU of " + interface + " to " + std::to_string(wanted));
  }
  if (!change_flags(request, IFF_UP | IFF_PROMISC, 0)) return fail_errno("bringing " + interface + " up");
  return {};
}

Result<std::uint32_t> index_of_interface(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) return fail(ErrorCode::not_found, "no interface " + interface);
  return index;
}

bool interface_has_link(const std::string& interface) noexcept {
  InterfaceRequest request(interface);
  return request.ask(SIOCGIFFLAGS) && ((*request).ifr_flags & IFF_RUNNING) != 0;
}

void set_interface_up(const std::string& interface, bool up) noexcept {
  InterfaceRequest request(interface);
  change_flags(request, up ? IFF_UP : 0, up ? 0 : IFF_UP);
}

std::uint16_t receive_queues_of(const std::string& interface) noexcept {
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (!InterfaceRequest(interface).ethtool(&channels)) return 1;
  const std::uint32_t queues = channels.combined_count + channels.rx_count;
  return static_cast<std::uint16_t>(queues == 0 ? 1 : queues > 64 ? 64 : queues);
}

InterfaceDrops drops_of(const std::string& interface) noexcept {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/net/dev", "re"), std::fclose);
  std::array<char, 512> line{};
  while (file && std::fgets(line.data(), line.size(), file.get()) != nullptr) {
    std::string_view text(line.data());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (!text.starts_with(interface) || text.substr(interface.size(), 1) != ":") continue;
    // Eight receive columns, then bytes, packets, errs, drop of sending.
    unsigned long long errors = 0;
    unsigned long long drops = 0;
    const int read = std::sscanf(text.data() + interface.size() + 1,
                                 " %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu %llu", &errors, &drops);
    return {read == 2 ? errors + drops : 0};
  }
  return {};
}

}  // namespace parapet::edge
