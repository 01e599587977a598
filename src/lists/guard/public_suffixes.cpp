// SPDX-License-Identifier: Apache-2.0
// Asking libpsl.
#include "lists/guard/public_suffixes.h"

#include <libpsl.h>

namespace parapet::lists {

void PublicSuffixes::Closer::operator()(psl_ctx_st* list) const noexcept { ::psl_free(list); }

Result<PublicSuffixes> PublicSuffixes::load(const std::string& path) {
  psl_ctx_t* list = ::psl_load_file(path.c_str());
  if (list == nullptr) return fail(ErrorCode::not_found, "public suffix list " + path + " cannot be read");
  PublicSuffixes suffixes(list);
  if (::psl_suffix_count(list) == 0) return fail(ErrorCode::malformed, "public suffix list " + path + " has no rule");
  return suffixes;
}

bool PublicSuffixes::is_suffix(std::string_view host) const {
  return ::psl_is_public_suffix(list_.get(), std::string(host).c_str()) != 0;
}

std::optional<std::string> PublicSuffixes::registrable(std::string_view host) const {
  const std::string name(host);
  const char* domain = ::psl_registrable_domain(list_.get(), name.c_str());
  if (domain == nullptr) return std::nullopt;
  return std::string(domain);
}

}  // namespace parapet::lists
