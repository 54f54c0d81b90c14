// A folder of measurements that a test writes, gone when the test ends.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace plimsoll {

class DataFolder {
 public:
  DataFolder() {
    static int count = 0;
    root_ = std::filesystem::temp_directory_path() /
            ("plimsoll-data-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(root_);
  }
  ~DataFolder() { std::filesystem::remove_all(root_); }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& root() const { return root_; }

  /// Writes a file, with the folders above it.
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = root_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }

 private:
  std::filesystem::path root_;
};

/// The first fault of the ConfigError that `work` throws, as its reader sees it; empty when it throws none.
template <class Work>
std::string fault_of(const Work& work) {
  try {
    work();
  } catch (const ConfigError& error) {
    return error.faults().front().text();
  }
  return {};
}

}  // namespace plimsoll
