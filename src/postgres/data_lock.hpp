#pragma once

#include <filesystem>

#include "postgres/file_descriptor.hpp"

namespace headwater::postgres {

/// Keeps a second headwater out of a data directory for as long as the object lives; the kernel gives the
/// lock back when the process ends, however it ends.
class DataLock {
  public:
    /// Throws std::runtime_error with one sentence that names the process that has the directory.
    explicit DataLock(const std::filesystem::path& data_dir);

  private:
    FileDescriptor file_;
};

}  // namespace headwater::postgres
