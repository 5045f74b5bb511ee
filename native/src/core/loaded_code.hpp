#pragma once

#include <cstddef>

namespace diptych {

// Takes the code and constants of all programs and libraries out of this process's page tables: most
// were needed only to open something. They stay in the file cache of the system, which may now give
// their memory to others without asking this process; what is used again is mapped again when it is
// (page faults, no reading as long as it is cached). Pages that were written are left as they are.
// Returns the bytes that were mapped.
//
// Takes some milliseconds, in which libraries cannot be loaded. Does nothing outside of Linux, and
// where /proc/self/pagemap cannot be read.
std::size_t unmap_loaded_code();

}  // namespace diptych
