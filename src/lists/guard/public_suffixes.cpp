// SPDX-License-Identifier: Apache-2.0
// Asking libpsl.
#include "lists/guard/public_suffixes.h"

#include <libpsl.h>
#include <cstdio>

namespace parapet::lists {

void PublicSuffixes::Closer::operator()(psl_ctx_st* list) const noexcept { ::psl_free(list); }

Result<PublicSuffixes> PublicSuffixes::load(const std::string& path) {
  psl_ctx_t* list = ::psl_load_file(path.c_str());
  if (list == nullptr) return fail(ErrorCode::not_found, "public suffix list " + path + " cannot be read");
  PublicSuffixes suffixes(list);
  if (::psl_suffix_count(list) == 0) return fail(ErrorCode::malformed, "public suffix list " + path + " has no rule");
  return suffixes;
}

Result<PublicSuffixes> PublicSuffixes::parse(std::string_view text) {
  std::string copy(text);  // fmemopen takes no constant
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fmemopen(copy.data(), copy.size(), "r"), ::fclose);
  if (!file) return fail_errno("reading the public suffix list");
  psl_ctx_t* list = ::psl_load_fp(file.get());
  if (list == nullptr) return fail(ErrorCode::malformed, "the public suffix list cannot be read");
  PublicSuffixes suffixes(list);
  if (::psl_suffix_count(list) == 0) return fail(ErrorCode::malformed, "the public suffix list has no rule");
  return suffixes;
}

bool PublicSuffixes::is_suffix(std::string_view host) const {
  return ::psl_is_public_suffix(list_.get(), std::string(host).c_str()) != 0;
}

// libpsl does not tell its rules. A label that nobody registers is a suffix beside the name only by a wildcard.
std::string PublicSuffixes::rule_of(std::string_view host) const {
  const auto dot = host.find('.');
  if (dot == std::string_view::npos) return std::string(host);
  const std::string parent(host.substr(dot + 1));
  return is_suffix("parapet-asks-for-a-wildcard." + parent) ? "*." + parent : std::string(host);
}

std::optional<std::string> PublicSuffixes::registrable(std::string_view host) const {
  const std::string name(host);
  const char* domain = ::psl_registrable_domain(list_.get(), name.c_str());
  if (domain == nullptr) return std::nullopt;
  return std::string(domain);
}

}  // namespace parapet::lists
