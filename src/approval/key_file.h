// SPDX-License-Identifier: Apache-2.0
// A person's private key in a file of its own.
//
//     parapet key 1
//     name: anna
//     seed: 44 characters of base64
#pragma once

#include <string>

#include "approval/statement.h"

namespace parapet::approval {

struct PersonalKey {
  std::string name;  // as in [[approver]]
  Seed seed{};
};

// Writes a new file, mode 0600.
//   errors  refused (there is a file) · io · permission
Status write_key_file(const std::string& path, const PersonalKey& key);

//   errors  not_found · permission (others can read it) · malformed
Result<PersonalKey> read_key_file(const std::string& path);

}  // namespace parapet::approval
