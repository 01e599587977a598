// SPDX-License-Identifier: Apache-2.0
// Loading, pinning, attaching.
#include "edge/xdp_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <classify.skel.h>  // made by ebpf/meson.build: the program's object code
#include <dirent.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "edge/interface.h"

namespace parapet::edge {
namespace {

constexpr std::size_t kMaxCpus = 1024;
constexpr std::size_t kHeartbeatBytes = PARAPET_SLOTS * sizeof(std::uint64_t);

Status make_pin_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("making " + path);
  struct statfs about{};
  if (::statfs(path.c_str(), &about) != 0) return fail_errno("looking at " + path);
  if (about.f_type != BPF_FS_MAGIC) {
    ::rmdir(path.c_str());
    return fail(ErrorCode::not_found, path +
                                          " is not in a bpffs; mount -t bpf bpf /sys/fs/bpf "
                                          "(and enter namespaces with nsenter --net: ip netns exec hides it)");
  }
  return {};
}

std::string link_path(const std::string& pin_directory, std::uint32_t ifindex) {
  return pin_directory + "/link-" + std::to_string(ifindex);
}

// The interface a pinned link still holds; 0: none, it has gone.
std::uint32_t interface_of_link(int link_fd) noexcept {
  bpf_link_info about{};
  __u32 length = sizeof about;
  if (::bpf_obj_get_info_by_fd(link_fd, &about, &length) != 0 || about.type != BPF_LINK_TYPE_XDP) return 0;
  return about.xdp.ifindex;
}

}  // namespace

void XdpProgram::Destroy::operator()(classify* skeleton) const noexcept { classify__destroy(skeleton); }

XdpProgram::~XdpProgram() {
  if (heartbeats_ != nullptr) ::munmap(heartbeats_, kHeartbeatBytes);
}

Result<std::unique_ptr<XdpProgram>> XdpProgram::open(const std::string& pin_directory) {
  ::libbpf_set_print(nullptr);
  if (auto status = make_pin_directory(pin_directory); !status) return std::unexpected(status.error());
  std::unique_ptr<XdpProgram> program(new XdpProgram);
  program->pin_directory_ = pin_directory;
  if (auto status = program->load(pin_directory); !status) return std::unexpected(status.error());
  return program;
}

Status XdpProgram::load(const std::string& pin_directory) {
  const int cpus = ::libbpf_num_possible_cpus();
  if (cpus < 1 || static_cast<std::size_t>(cpus) > kMaxCpus)
    return fail(ErrorCode::unsupported, "more than " + std::to_string(kMaxCpus) + " CPUs");
  cpus_ = static_cast<std::size_t>(cpus);
  skeleton_.reset(classify__open());
  if (!skeleton_) return fail_errno("opening the XDP program");
  bpf_map* map = nullptr;
  bool reused = false;
  bpf_object__for_each_map(map, skeleton_->obj) {
    const std::string path = pin_directory + "/" + ::bpf_map__name(map);
    const Fd pinned(::bpf_obj_get(path.c_str()));
    if (!pinned.valid()) continue;
    // By descriptor, not by pin path: libbpf 1.1 compares flags that the kernel adds, and refuses.
    if (::bpf_map__reuse_fd(map, pinned.get()) != 0) return fail_errno("taking over " + path);
    reused = true;
  }
  if (classify__load(skeleton_.get()) != 0) {
    if (reused) {
      return fail(ErrorCode::unsupported, "the maps in " + pin_directory +
                                              " do not fit this program: " + std::strerror(errno) +
                                              "; parapet-edge --detach removes them, frames stop meanwhile");
    }
    return fail_errno("loading the XDP program");
  }
  if (auto status = check_abi(); !status) return status;
  bpf_object__for_each_map(map, skeleton_->obj) {
    const std::string path = pin_directory + "/" + ::bpf_map__name(map);
    if (::bpf_obj_pin(::bpf_map__fd(map), path.c_str()) != 0 && errno != EEXIST) return fail_errno("pinning " + path);
  }
  void* mapped = ::mmap(nullptr, kHeartbeatBytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                        ::bpf_map__fd(skeleton_->maps.heartbeats), 0);
  if (mapped == MAP_FAILED) return fail_errno("mapping the heartbeats");
  heartbeats_ = static_cast<std::uint64_t*>(mapped);
  at_start_.resize(PARAPET_PORTS + 1);
  for (std::uint32_t port = 0; port <= PARAPET_PORTS; ++port) {
    ::bpf_map_lookup_elem(::bpf_map__fd(skeleton_->maps.reported), &port, &at_start_[port]);
  }
  return {};
}

Status XdpProgram::check_abi() {
  const std::uint32_t zero = 0;
  const int fd = ::bpf_map__fd(skeleton_->maps.abi);
  parapet_abi found{};
  if (::bpf_map_lookup_elem(fd, &zero, &found) != 0) return fail_errno("reading the pins' version");
  if (found.magic == PARAPET_ABI_MAGIC && found.major != PARAPET_ABI_MAJOR) {
    return fail(ErrorCode::unsupported, "the pins in " + pin_directory_ + " have layout " +
                                            std::to_string(found.major) + ", this program has " +
                                            std::to_string(PARAPET_ABI_MAJOR) +
                                            "; parapet-edge --detach removes them, frames stop meanwhile");
  }
  const parapet_abi ours{PARAPET_ABI_MAGIC, PARAPET_ABI_MAJOR, PARAPET_ABI_MINOR};
  if (::bpf_map_update_elem(fd, &zero, &ours, BPF_ANY) != 0) return fail_errno("writing the pins' version");
  return {};
}

Status XdpProgram::set_socket(std::uint16_t port, std::uint16_t queue, int socket_fd) {
  const std::uint32_t slot = PARAPET_SLOT(port, queue);
  if (::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.sockets), &slot, &socket_fd, BPF_ANY) != 0) {
    return fail_errno("entering a socket for queue " + std::to_string(queue));
  }
  return {};
}

Status XdpProgram::wire(const XdpPair& pair) {
  auto subscriber = index_of_interface(pair.subscriber);
  if (!subscriber) return std::unexpected(subscriber.error());
  auto transit = index_of_interface(pair.transit);
  if (!transit) return std::unexpected(transit.error());
  const parapet_port ends[] = {{pair.first_port, *transit, pair.subscriber_queues, 0, pair.heartbeat_timeout_ns},
                               {pair.first_port + 1u, *subscriber, pair.transit_queues, 0, pair.heartbeat_timeout_ns}};
  const std::uint32_t indices[] = {*subscriber, *transit};
  // Both ends are known before either program runs.
  for (int end = 0; end < 2; ++end) {
    if (::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.ports), &indices[end], &ends[end], BPF_ANY) != 0) {
      return fail_errno("describing a port to the kernel");
    }
  }
  if (auto status = attach(pair.subscriber, *subscriber, pair.mode); !status) return status;
  return attach(pair.transit, *transit, pair.mode);
}

Status XdpProgram::attach(const std::string& interface, std::uint32_t ifindex, config::XdpMode mode) {
  const std::string path = link_path(pin_directory_, ifindex);
  const int program_fd = ::bpf_program__fd(skeleton_->progs.parapet_classify);
  const Fd pinned(::bpf_obj_get(path.c_str()));
  if (pinned.valid() && interface_of_link(pinned.get()) == ifindex) {
    // One step in the kernel: no frame sees an interface without a program.
    if (::bpf_link_update(pinned.get(), program_fd, nullptr) != 0)
      return fail_errno("renewing the program on " + interface);
    log_event(LogLevel::info, "xdp_renewed", {{"interface", interface}});
    return {};
  }
  ::unlink(path.c_str());
  const auto try_mode = [&](std::uint32_t flags) {
    bpf_link_create_opts wanted{};
    wanted.sz = sizeof wanted;
    wanted.flags = flags;
    return Fd(::bpf_link_create(program_fd, static_cast<int>(ifindex), BPF_XDP, &wanted));
  };
  Fd link = try_mode(mode == config::XdpMode::generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
  bool native = mode != config::XdpMode::generic;
  if (!link.valid() && mode == config::XdpMode::automatic && errno != EBUSY && errno != EEXIST) {
    link = try_mode(XDP_FLAGS_SKB_MODE);
    native = false;
  }
  if (!link.valid() && (errno == EBUSY || errno == EEXIST)) {
    return fail(ErrorCode::refused,
                "another XDP program holds " + interface + "; ip link set dev " + interface + " xdp off");
  }
  if (!link.valid()) return fail_errno("putting the XDP program on " + interface);
  if (::bpf_obj_pin(link.get(), path.c_str()) != 0) return fail_errno("pinning " + path);
  log_event(native ? LogLevel::info : LogLevel::warn, "xdp_attached", {{"interface", interface}, {"native", native}});
  return {};
}

parapet_port_counters XdpProgram::counters_of(std::uint16_t port) const noexcept {
  std::array<parapet_port_counters, kMaxCpus> of_cpus;
  const std::uint32_t key = port;
  parapet_port_counters sum{};
  if (::bpf_map_lookup_elem(::bpf_map__fd(skeleton_->maps.port_counters), &key, of_cpus.data()) != 0) return sum;
  for (std::size_t cpu = 0; cpu < cpus_; ++cpu) {
    sum.to_socket += of_cpus[cpu].to_socket;
    sum.bypassed += of_cpus[cpu].bypassed;
    sum.jumbo += of_cpus[cpu].jumbo;
    sum.dropped += of_cpus[cpu].dropped;
  }
  const parapet_port_counters& base = at_start_[port];
  return {sum.to_socket - base.to_socket, sum.bypassed - base.bypassed, sum.jumbo - base.jumbo,
          sum.dropped - base.dropped};
}

void XdpProgram::report(std::uint16_t port, const parapet_port_counters& since_start) noexcept {
  const parapet_port_counters& base = at_start_[port];
  const parapet_port_counters whole{base.to_socket + since_start.to_socket, base.bypassed + since_start.bypassed,
                                    base.jumbo + since_start.jumbo, base.dropped + since_start.dropped};
  const std::uint32_t key = port;
  ::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.reported), &key, &whole, BPF_ANY);
}

Status XdpProgram::detach(const std::string& pin_directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(pin_directory.c_str()), ::closedir);
  if (!folder) return fail_errno("opening " + pin_directory);
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string path = pin_directory + "/" + name;
    if (name.starts_with("link-")) {
      const Fd link(::bpf_obj_get(path.c_str()));
      if (link.valid()) static_cast<void>(::bpf_link_detach(link.get()));
    }
    if (::unlink(path.c_str()) != 0) return fail_errno("removing " + path);
  }
  if (::rmdir(pin_directory.c_str()) != 0) return fail_errno("removing " + pin_directory);
  return {};
}

Status check_no_xdp(const std::string& interface) {
  auto ifindex = index_of_interface(interface);
  if (!ifindex) return std::unexpected(ifindex.error());
  __u32 program = 0;
  if (::bpf_xdp_query_id(static_cast<int>(*ifindex), 0, &program) != 0 || program == 0) return {};
  return fail(ErrorCode::refused, "an XDP program holds " + interface +
                                      ", so that frames may never come to this port; "
                                      "parapet-edge --detach takes off what an edge with af_xdp ports has left, "
                                      "ip link set dev " +
                                      interface + " xdp off any other");
}

}  // namespace parapet::edge
