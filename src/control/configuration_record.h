// SPDX-License-Identifier: Apache-2.0
// Which keys of control.toml are not as they were when parapetd last started: one record of the audit log, without any
// value.
//
// Of each key its name and a digest of its value under the digest key are kept, in state_directory/configuration.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "digest/key.h"
#include "evidence/audit_log.h"

namespace parapet::control {

inline constexpr std::size_t kMaxRecordedKeys = 200;  // named in one record; the others are counted

// Appends "configuration_changed" where something did, and always at the very first start; then keeps what stands now.
//   toml    the file as it was read
//   errors  integrity (the state was changed) · io · invalid_config
Status record_configuration(std::string_view toml, const std::string& file_name, const std::string& state_directory,
                            const digest::Key& key, evidence::AuditLog& audit);

}  // namespace parapet::control
