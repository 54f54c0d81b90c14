// Files that appear under their final name only when they are whole: written beside it as
// ".<name>.partial", synced, renamed, and the folder synced. What is not committed leaves nothing
// behind, however its writer ends.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace plimsoll {

/// The temporary name of a file to come. Destroyed without `commit` (an exception, a stop request
/// that unwinds the stack), it removes what was written; only a killed process leaves a partial,
/// which OutputFolder reports.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path final_path);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& path() const { return partial_; }  ///< write here
  const std::filesystem::path& final_path() const { return final_; }

  /// Syncs what was written, gives it the final name (replacing an older file) and syncs the
  /// folder. Throws IoError.
  void commit();

  /// Throws IoError: "run.h5: cannot <what>: <reason>", and that nothing was written under that
  /// name.
  [[noreturn]] void refuse(std::string_view what, std::string_view reason) const;

  /// Whether `name` is one that PartialFile gives.
  static bool is_partial(const std::filesystem::path& name);

 private:
  std::filesystem::path final_;
  std::filesystem::path partial_;
  bool committed_ = false;
};

/// A file of text or bytes under the same rules. All but the destructor throw IoError.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& final_path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();  ///< no write after it

 private:
  void flush();

  PartialFile partial_;
  std::string buffer_;
  int descriptor_ = -1;
};

}  // namespace plimsoll
