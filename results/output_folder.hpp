// The folder that a run writes into: made when writing starts, held by one run at a time, and
// removed again if the run made it and left nothing in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

class OutputFolder {
 public:
  /// Called with one sentence that the user should see ("removed ... of a run that was killed").
  using Notice = std::function<void(std::string_view)>;

  /// The folder that the user named; it may exist. Touches nothing yet.
  explicit OutputFolder(const std::filesystem::path& folder, Notice notice = {});

  /// A new folder in `parent` that no run has used: `name`, or `name-2`, `name-3`, ... Touches
  /// nothing yet.
  static OutputFolder fresh(const std::filesystem::path& parent, const std::string& name,
                            Notice notice = {});

  ~OutputFolder();
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;

  /// Makes the folder (with its parents), locks it against other runs, and removes and reports
  /// partial files of killed ones. Once is enough; further calls do nothing. Throws IoError: no
  /// permission, a file of that name, another run at work in it.
  void create();

  /// Of a fresh folder: final after `create`.
  const std::filesystem::path& path() const { return folder_; }

  /// Where a file of that name goes: for write_run, write_meta and AtomicFile. Creates the folder
  /// first.
  std::filesystem::path file(std::string_view name);

 private:
  void make_fresh();
  void make_parents(const std::filesystem::path& folder);
  void lock();
  void remove_leftovers();

  std::filesystem::path folder_;
  Notice notice_;
  bool fresh_ = false;
  int lock_ = -1;                               ///< the folder, opened and locked
  std::vector<std::filesystem::path> created_;  ///< outermost first
};

/// "20260509-073027" for the seconds since 1970 in UTC: the caller reads the clock, no library
/// does.
std::string utc_stamp(std::int64_t unix_seconds);

}  // namespace plimsoll
