// Trace files that a test writes and the faults that reading them gives.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "traces/trace_source.hpp"
#include "traces/trace_writer.hpp"

namespace plimsoll::test {

/// A folder of its own, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "plimsoll-traces-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw IoError("no temporary folder: " + pattern);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view bytes) const {
    std::filesystem::remove(
        path(name));  // file systems may sync a file that is cut and written again
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<Arrival> load(const std::string& format, const std::string& path) {
  return load_trace({format, path}, {"--trace"});
}

/// What the ConfigError of reading the file says, without the folder; empty when it can be read.
inline std::string fault_of(const std::string& format, const std::string& path) {
  try {
    load(format, path);
    return {};
  } catch (const ConfigError& error) {
    std::string text = error.what();
    const std::string folder = std::filesystem::path(path).parent_path().string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }
}

/// A file of the project.
inline std::string source_path(std::string_view name) {
  const char* const folder = std::getenv("PLIMSOLL_SOURCE_DIR");
  return (std::filesystem::path(folder == nullptr ? "." : folder) / name).string();
}

/// A file of the data that others measured; empty, with a line that says so, where there is none.
inline std::string data_path(std::string_view name) {
  const char* const folder = std::getenv("PLIMSOLL_DATA");
  if (folder != nullptr) {
    const auto path = std::filesystem::path(folder) / name;
    if (std::filesystem::exists(path)) return path.string();
  }
  std::printf("skipped: PLIMSOLL_DATA does not name a folder that holds %.*s\n",
              static_cast<int>(name.size()), name.data());
  return {};
}

inline constexpr std::string_view kAzureConversation =
    "azure_llm_2023/AzureLLMInferenceTrace_conv.csv.zst";

}  // namespace plimsoll::test
