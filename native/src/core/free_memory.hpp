#pragma once

namespace diptych {

// Gives pages that the C library's allocator holds free back to the system, every 2 s at most: the
// threads of a graph allocate from pools of their own (arenas), whose free pages would stay with the
// process when the graph is gone. Takes some milliseconds, in which other threads may wait: not for
// threads that must not.
void return_free_memory();

// The same, whenever it was done last.
void return_free_memory_now();

}  // namespace diptych
