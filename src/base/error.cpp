// SPDX-License-Identifier: Apache-2.0
// Names and texts of errors.
#include <cerrno>
#include <system_error>

#include "base/result.h"

namespace parapet {

std::string_view name_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::invalid_config: return "invalid_config";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::permission: return "permission";
    case ErrorCode::io: return "io";
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::integrity: return "integrity";
    case ErrorCode::limit: return "limit";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::refused: return "refused";
    case ErrorCode::unavailable: return "unavailable";
  }
  return "unknown";
}

Error Error::within(std::string_view what_was_tried) const {
  return Error{code, std::string(what_was_tried) + ": " + context};
}

std::unexpected<Error> fail_errno(std::string_view what_was_tried) {
  const int number = errno;
  ErrorCode code = ErrorCode::io;
  if (number == ENOENT) code = ErrorCode::not_found;
  if (number == EACCES || number == EPERM) code = ErrorCode::permission;
  return fail(code, std::string(what_was_tried) + ": " + std::system_category().message(number));
}

}  // namespace parapet
