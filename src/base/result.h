// SPDX-License-Identifier: Apache-2.0
// Result<T>: what can go wrong with the environment, configuration and feeds. Traffic has outcomes instead (enums).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace parapet {

// Why something could not be done. The code is stable and machine-readable; the context is for people and never holds
// a listed name or a subscriber's address.
enum class ErrorCode {
  invalid_argument,  // the caller or operator asked for something that cannot be
  invalid_config,    // a configuration file: context has file:line:column, key, expectation
  not_found,
  permission,
  io,           // the operating system said no: context has its text
  malformed,    // bytes from outside that do not parse
  unsupported,  // understood, but not done by this version
  integrity,    // checksum, key id, signature or version does not fit
  limit,        // a bound of ours was reached
  timeout,
  refused,      // by policy
  unavailable,  // the other side is not there now
};

std::string_view name_of(ErrorCode code) noexcept;

struct Error {
  ErrorCode code;
  std::string context;

  // The same error one border further up: "what was tried: what went wrong".
  Error within(std::string_view what_was_tried) const;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string context) {
  return std::unexpected<Error>(Error{code, std::move(context)});
}

// An Error from errno, "WHAT: strerror".
std::unexpected<Error> fail_errno(std::string_view what_was_tried);

}  // namespace parapet
