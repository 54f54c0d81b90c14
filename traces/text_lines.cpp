#include "traces/text_lines.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

TextLines::TextLines(const std::string& path, std::size_t longest_line)
    : path_(path), file_(path), buffer_(longest_line) {}

Position TextLines::at(std::size_t column) const {
  return {path_, line_, static_cast<int>(column)};
}

bool TextLines::next(std::string_view& line) {
  do {
    if (!next_line(line)) return false;
  } while (line.empty());
  return true;
}

bool TextLines::next_line(std::string_view& line) {
  ++line_;
  const char* newline = nullptr;
  std::size_t searched = begin_;
  while (true) {
    const void* found = std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    newline = static_cast<const char*>(found);
    if (newline != nullptr) break;
    searched = end_ - begin_;
    if (!refill()) break;
  }
  if (newline == nullptr && begin_ == end_) return false;
  const char* first = buffer_.data() + begin_;
  const char* last = newline != nullptr ? newline : buffer_.data() + end_;
  begin_ = static_cast<std::size_t>(last - buffer_.data()) + (newline != nullptr ? 1 : 0);
  line = std::string_view(first, static_cast<std::size_t>(last - first));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return true;
}

/// Moves the unread bytes to the front and reads more behind them; false at the end of the file.
bool TextLines::refill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  if (end_ == buffer_.size()) {
    throw ConfigError(at(1), fmt::format("a line of over {} bytes is no row of a trace.", end_));
  }
  try {
    const std::size_t count = file_.read(std::span(buffer_).subspan(end_));
    end_ += count;
    return count > 0;
  } catch (const ConfigError& error) {
    throw ConfigError(at(1), error.faults().front().message);
  }
}

}  // namespace plimsoll
