// SPDX-License-Identifier: Apache-2.0
// A request against a snapshot: which lists hold it.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "canon/host.h"
#include "canon/url.h"
#include "digest/key.h"
#include "packet/extract/extract.h"
#include "snapshot/snapshot.h"

namespace parapet::packet {

struct Match {
  static constexpr std::size_t kMaxDigests = 16;
  std::uint32_t lists = 0;        // bit i: list i of the snapshot holds the request and stands for it
  std::uint8_t digest_count = 0;  // what was found, for telling entry ids; further ones are left out
  bool name_unusable = false;     // a name was no host name (or one was lost): only what it is below was compared
  std::array<digest::Digest, kMaxDigests> digests;

  bool any() const noexcept { return lists != 0; }
};

// What a request is compared with: the lists of a snapshot, as they stand for this subscriber at this time.
struct Against {
  const snapshot::Snapshot& snapshot;
  const snapshot::Occasion& occasion;
};

// Compares requests with snapshots. Holds the scratch for canonical forms and wipes it after each call.
//   cost    one filter line a name when nothing is listed; no allocation
//   thread  one
class Matcher {
 public:
  // The key must outlive the matcher.
  explicit Matcher(const digest::Key& key) noexcept : key_(key) {}

  // HTTP and TLS: every name of the request; HTTP also its URL under every name, in each way that servers read it. Any
  // reading that is listed counts, where the list stands on this occasion.
  //   server_port  of the connection: servers take a URL's port to be this one, whatever the request says
  void match_request(const Against& against, Protocol protocol, const RequestText& text, std::uint16_t server_port,
                     Match& out) noexcept;

  // DNS: one question's labels in wire form.
  void match_question(const Against& against, ByteView labels, Match& out) noexcept;

 private:
  // The URLs of one host and port in a snapshot.
  struct UrlTable {
    const Against& against;
    const snapshot::FilterLine& line;
    digest::SipState urls;
  };
  // What is known once a host was walked to its first label.
  struct Walked {
    digest::SipState state;
    const snapshot::FilterLine* line = nullptr;
    RuleSetIndex found{snapshot::kEmptySlot};  // of the whole name
    digest::Digest digest;
  };
  Walked match_domains(const Against& against, Match& out) noexcept;
  void match_below(const Against& against, canon::HostOutcome tail, Match& out) noexcept;
  void match_host(const Against& against, const RequestText* http, std::array<std::uint16_t, 2> ports,
                  Match& out) noexcept;
  void match_targets(const UrlTable& table, const RequestText& http, Match& out) noexcept;
  void match_target(const UrlTable& table, ByteView target, bool cut, Match& out) noexcept;
  void match_url(const UrlTable& table, std::string_view path, Match& out) noexcept;

  const digest::Key& key_;
  canon::Host host_;
  canon::Target target_;
  std::array<std::uint8_t, canon::kMaxTarget> layer_;
};

}  // namespace parapet::packet
