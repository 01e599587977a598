// SPDX-License-Identifier: Apache-2.0
// A hotline on 127.0.0.1 with a throw-away CA (https_source.py), for as long as the object lives.
#pragma once

#include "python_source.h"

namespace parapet::support {

class HttpsSource : public PythonSource {
 public:
  HttpsSource() : PythonSource(PARAPET_HTTPS_SOURCE, {}, 2) {}

  std::string url(const std::string& path) const { return "https://" + address_of(0) + path; }
  std::string proxy() const { return "http://" + address_of(1); }
  std::string ca_file() const { return folder().file("ca.pem"); }
  std::string other_ca_file() const { return folder().file("other-ca.pem"); }
};

}  // namespace parapet::support
