// SPDX-License-Identifier: Apache-2.0
// The Public Suffix List: names under which anybody can register one, so that no list may stop them. By libpsl.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct psl_ctx_st;  // libpsl's

namespace parapet::lists {

class PublicSuffixes {
 public:
  // Reads a file in the list's own format, e.g. /usr/share/publicsuffix/public_suffix_list.dat.
  //   errors  not_found · malformed (it holds no rule)
  static Result<PublicSuffixes> load(const std::string& path);

  // The same of a text in memory.
  //   errors  malformed
  static Result<PublicSuffixes> parse(std::string_view text);

  // Whether the name, canonical, is a suffix itself: "com", "co.uk", "github.io". A name of one label always is.
  bool is_suffix(std::string_view host) const;
  // The rule of the list that makes a name a suffix: the name itself, or "*." and what stands behind its first label.
  //   REQUIRES  is_suffix(host)
  std::string rule_of(std::string_view host) const;
  // The suffix and one label more, or nothing where the name is a suffix or shorter.
  std::optional<std::string> registrable(std::string_view host) const;

 private:
  struct Closer {
    void operator()(psl_ctx_st* list) const noexcept;
  };
  explicit PublicSuffixes(psl_ctx_st* list) noexcept : list_(list) {}
  std::unique_ptr<psl_ctx_st, Closer> list_;
};

}  // namespace parapet::lists
