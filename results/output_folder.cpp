#include "results/output_folder.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "results/atomic_file.hpp"

namespace plimsoll {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const fs::path& folder, std::string_view what, std::error_code reason) {
  throw IoError(fmt::format("{}: cannot {}: {}", folder.string(), what, reason.message()));
}

/// Makes `folder`, not its parents; false if it exists.
bool make_one(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directory(folder, error);
  if (error) refuse(folder, "make the folder", error);
  return made;
}

}  // namespace

OutputFolder::OutputFolder(const fs::path& folder, Notice notice)
    : folder_(folder.lexically_normal()), notice_(std::move(notice)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // "out/" is "out"
  if (folder_.empty()) folder_ = ".";
}

OutputFolder OutputFolder::fresh(const fs::path& parent, const std::string& name, Notice notice) {
  OutputFolder folder(parent / name, std::move(notice));
  folder.fresh_ = true;
  return folder;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : folder_(std::move(other.folder_)),
      notice_(std::move(other.notice_)),
      fresh_(other.fresh_),
      lock_(std::exchange(other.lock_, -1)),
      created_(std::exchange(other.created_, {})) {}

OutputFolder::~OutputFolder() {
  for (auto made = created_.rbegin(); made != created_.rend(); ++made) {
    if (::rmdir(made->c_str()) != 0) break;  // not empty: it stays, and so do its parents
  }
  if (lock_ >= 0) ::close(lock_);
}

void OutputFolder::create() {
  if (lock_ >= 0) return;
  make_parents(folder_);
  if (fresh_) {
    make_fresh();
  } else if (make_one(folder_)) {
    created_.push_back(folder_);
  }
  lock();
  remove_leftovers();
}

fs::path OutputFolder::file(std::string_view name) {
  create();
  return folder_ / name;
}

void OutputFolder::make_parents(const fs::path& folder) {
  const fs::path parent = folder.parent_path();
  if (parent.empty() || fs::exists(parent)) return;
  make_parents(parent);
  if (make_one(parent)) created_.push_back(parent);
}

void OutputFolder::make_fresh() {
  const fs::path first = folder_;
  for (int number = 2; !make_one(folder_); ++number) {
    folder_ = first;
    folder_ += fmt::format("-{}", number);
  }
  created_.push_back(folder_);
}

void OutputFolder::lock() {
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) refuse(folder_, "open the folder", {errno, std::generic_category()});
  if (::flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(folder);
    throw IoError(fmt::format("{}: another run is writing into this folder", folder_.string()));
  }
  lock_ = folder;  // on a file system without locks, it is only open
}

void OutputFolder::remove_leftovers() {
  std::vector<fs::path> leftovers;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error))
    if (PartialFile::is_partial(entry->path())) leftovers.push_back(entry->path());
  if (error) refuse(folder_, "read the folder", error);
  std::sort(leftovers.begin(), leftovers.end());
  for (const fs::path& leftover : leftovers) {
    if (!fs::remove(leftover, error)) refuse(leftover, "remove", error);
    if (notice_)
      notice_(fmt::format("{}: removed; a run that did not end had left it", leftover.string()));
  }
}

std::string utc_stamp(std::int64_t unix_seconds) {
  return fmt::format("{:%Y%m%d-%H%M%S}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

}  // namespace plimsoll
