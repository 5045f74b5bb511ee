#include "core/loaded_code.hpp"

#if defined(__linux__)

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace diptych {

namespace {

// Of an entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst of Linux).
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kSwappedOut = std::uint64_t{1} << 62;
constexpr std::uint64_t kOfFile = std::uint64_t{1} << 61;

// What is in the page is nowhere else: a debugger has written it, or Node has copied its code (--use-largepages).
constexpr bool was_written(std::uint64_t entry) {
  return (entry & (kPresent | kSwappedOut)) != 0 && (entry & kOfFile) == 0;
}

class Unmapping {
 public:
  explicit Unmapping(int pagemap) : pagemap_(pagemap), page_size_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {}

  std::size_t bytes() const { return bytes_; }

  // From the first page that begins in it to the last.
  void segment(std::uintptr_t begin, std::size_t size) {
    const std::uintptr_t first = begin / page_size_;
    const std::uintptr_t end = (begin + size + page_size_ - 1) / page_size_;
    entries_.resize(end - first);
    const std::size_t wanted = entries_.size() * sizeof(std::uint64_t);
    const auto offset = static_cast<off_t>(first * sizeof(std::uint64_t));
    if (pread(pagemap_, entries_.data(), wanted, offset) != static_cast<ssize_t>(wanted)) return;
    // As few calls as there are runs of pages of the file.
    std::size_t run = 0;
    std::size_t present = 0;
    for (std::size_t i = 0; i <= entries_.size(); ++i) {
      if (i < entries_.size() && !was_written(entries_[i])) {
        if ((entries_[i] & kPresent) != 0) ++present;
        continue;
      }
      if (present > 0) unmap((first + run) * page_size_, (i - run) * page_size_, present);
      run = i + 1;
      present = 0;
    }
  }

 private:
  void unmap(std::uintptr_t begin, std::size_t size, std::size_t present) {
    // Pages that a program has locked stay.
    if (madvise(reinterpret_cast<void*>(begin), size, MADV_DONTNEED) == 0) bytes_ += present * page_size_;
  }

  const int pagemap_;
  const std::size_t page_size_;
  std::vector<std::uint64_t> entries_;
  std::size_t bytes_ = 0;
};

// Called with the list of loaded objects locked: none of them is unmapped meanwhile.
int visit(dl_phdr_info* object, std::size_t, void* given) {
  // The program itself has no name here, and what the kernel adds (vDSO) no path.
  const bool is_file = object->dlpi_name[0] == '\0' || std::strchr(object->dlpi_name, '/') != nullptr;
  if (!is_file) return 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    static_cast<Unmapping*>(given)->segment(object->dlpi_addr + header.p_vaddr, header.p_memsz);
  }
  return 0;
}

}  // namespace

std::size_t unmap_loaded_code() {
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) return 0;
  Unmapping unmapping(pagemap);
  dl_iterate_phdr(visit, &unmapping);
  close(pagemap);
  return unmapping.bytes();
}

}  // namespace diptych

#else

namespace diptych {

std::size_t unmap_loaded_code() { return 0; }

}  // namespace diptych

#endif
