// SPDX-License-Identifier: Apache-2.0
// One message, said in one way over one family, by a client who asks for something listed or for its unlisted twin.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "case_folder.h"
#include "template.h"
#include "tiny_list.h"
#include "wire.h"

namespace parapet::cases {

struct Trial {
  const MessageText* message;
  const CaseFolder* application;   // nullptr: a plain message
  const CaseFolder* transport;     // nullptr: said plainly
  const std::vector<Step>* steps;  // nullptr: the folders'
  std::string label;               // of such steps
  bool ipv6 = false;
  bool listed = false;

  std::string name() const;  // for people, one line
};

enum class Outcome : std::uint8_t {
  fine,
  miss,         // a standard end served what is listed
  false_block,  // the unlisted twin was dropped, altered or answered by us
  broken,  // the twin was not served though nothing was done to it: the case is wrong, or the end refuses the trick
};

struct Finding {
  Outcome outcome = Outcome::fine;
  std::string what;
};

// Runs trials one after another through one pipeline, each from ports of its own.
class Trials {
 public:
  explicit Trials(bool trace);
  // Throws std::invalid_argument where the folders' texts make no sense.
  Finding run(const Trial& trial);

 private:
  struct Said {
    MarkedBytes message, other;
    Words words;
  };
  const Said& said(const MessageText& message, bool listed);
  Wire::Options next_options(const Trial& trial);

  support::TinyList list_;
  Edge edge_;
  std::map<std::pair<const MessageText*, bool>, Said> said_;
  bool trace_;
  std::uint32_t count_ = 0;
};

}  // namespace parapet::cases
