#include "results/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;
constexpr std::string_view kSuffix = ".partial";

std::string last_reason() { return std::generic_category().message(errno); }

/// Hands what the operating system holds of a file or folder to the disk; false: errno says why
/// not.
bool sync_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;  // EINVAL: nothing to sync there
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  return synced;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path final_path)
    : final_(std::move(final_path)),
      partial_(folder_of(final_) / fmt::format(".{}{}", final_.filename().string(), kSuffix)) {}

PartialFile::~PartialFile() {
  if (committed_) return;
  std::error_code ignored;  // there is nobody left to tell, and the name says what it is
  std::filesystem::remove(partial_, ignored);
}

void PartialFile::commit() {
  if (!sync_to_disk(partial_)) refuse("write", last_reason());
  if (::rename(partial_.c_str(), final_.c_str()) != 0) refuse("name it", last_reason());
  committed_ = true;
  if (!sync_to_disk(folder_of(final_)))
    throw IoError(fmt::format("{}: written, but its folder cannot be synced: {}", final_.string(),
                              last_reason()));
}

void PartialFile::refuse(std::string_view what, std::string_view reason) const {
  throw IoError(fmt::format("{}: cannot {}: {}. Nothing was written under that name.",
                            final_.string(), what, reason));
}

bool PartialFile::is_partial(const std::filesystem::path& name) {
  const std::string text = name.filename().string();
  return text.size() > kSuffix.size() + 1 && text.front() == '.' && text.ends_with(kSuffix);
}

AtomicFile::AtomicFile(const std::filesystem::path& final_path)
    : partial_(final_path),
      descriptor_(::open(partial_.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) partial_.refuse("create it", last_reason());
  buffer_.reserve(kBufferBytes);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) partial_.refuse("write", last_reason());
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (::close(std::exchange(descriptor_, -1)) != 0) partial_.refuse("write", last_reason());
  partial_.commit();
}

}  // namespace plimsoll
