// SPDX-License-Identifier: Apache-2.0
// Every C++ object's memory is overwritten before it goes back to the heap, so that a URL an operator asked about, or a
// name in the reading child, does not outlive its use in freed memory. Replaces the global operators of parapetd alone.
#include <malloc.h>
#include <cstdlib>
#include <new>

#include "base/secret.h"

void* operator new(std::size_t size) {
  for (;;) {
    if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  parapet::wipe(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
