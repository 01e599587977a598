// SPDX-License-Identifier: Apache-2.0
// Fields of an answer of parapetd, which may be of another version: a missing or odd one is nothing, never an error.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace parapet::cli {

// The value there, or null.
inline const nlohmann::json& field_at(const nlohmann::json& object, std::string_view name) {
  static const nlohmann::json kNothing;
  if (!object.is_object()) return kNothing;
  const auto at = object.find(std::string(name));
  return at != object.end() ? *at : kNothing;
}

inline std::string text_at(const nlohmann::json& object, std::string_view name) {
  const auto& field = field_at(object, name);
  return field.is_string() ? field.get<std::string>() : std::string();
}

inline std::uint64_t count_at(const nlohmann::json& object, std::string_view name) {
  const auto& field = field_at(object, name);
  return field.is_number_unsigned() ? field.get<std::uint64_t>() : 0;
}

// Seconds since 1970, as parapetd writes times, in nanoseconds; 0: none.
inline std::uint64_t time_at(const nlohmann::json& object, std::string_view name) {
  const auto& field = field_at(object, name);
  const double seconds = field.is_number() ? field.get<double>() : 0;
  return seconds > 0 && seconds < 1e10 ? static_cast<std::uint64_t>(seconds * 1e9) : 0;
}

}  // namespace parapet::cli
