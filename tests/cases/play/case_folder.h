// SPDX-License-Identifier: Apache-2.0
// One folder of the catalogue: case.toml and the messages beside it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "endpoint/server.h"
#include "script.h"

namespace parapet::cases {

// Which entry of the list the message asks for.
enum class Asks : std::uint8_t { host, domain, url, prefix };

struct MessageText {
  std::string name;  // of its file, or of its folder
  Language language = Language::http;
  Asks asks = Asks::host;
  std::string text;  // a template
  std::uint16_t port = 0;
};

struct CaseFolder {
  std::string name;  // T03_conflicting_copy
  std::string row;   // T3
  std::string title, origin, endpoint;

  std::vector<MessageText> messages;  // of its own; empty: it is played with the plain ones of `carries`
  std::vector<Step> steps;            // empty: the plain ones
  std::set<Language> carries;         // languages its steps are played with
  std::vector<bool> ipv6;             // families, by whether it is IPv6
  std::vector<std::string> carriers;
  std::set<std::string> drops, alters;  // reasons and actions that befall the unlisted twin too
  bool combines = true;
  bool served = true;       // the judge takes the trick at all
  bool blocks = true;       // false: the listed one is served too: a blind spot, or a name that nobody is asked for
  std::string uninspected;  // the reason under which a blind spot is counted
  bool server_seen = true;
  bool fast_open = false;
  unsigned hops = 3;

  bool is_trick_of_transport() const { return messages.empty(); }
};

// Throws std::runtime_error with the file and what is wrong.
CaseFolder read_case_folder(const std::filesystem::path& folder);

// The languages' plain messages, and the steps that say them in one piece.
std::vector<MessageText> read_plain_messages(const std::filesystem::path& folder);
std::vector<Step> plain_steps();
// A QUIC hello in two datagrams, cut there.
MessageText read_cut_quic(const std::filesystem::path& folder, std::size_t cut);

bool is_datagram(Language language);

}  // namespace parapet::cases
