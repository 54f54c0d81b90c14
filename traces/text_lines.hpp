// The lines of a text file, plain or zstd, one at a time in constant memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "traces/byte_file.hpp"

namespace plimsoll {

class TextLines {
 public:
  /// The longest line of a trace, in bytes.
  static constexpr std::size_t kLongestLine = std::size_t{64} << 10;

  /// Throws as ByteFile does.
  explicit TextLines(const std::string& path, std::size_t longest_line = kLongestLine);

  /// The next line that is not empty, without its end ("\n" or "\r\n"), good until the next call; false at the end of
  /// the file. Throws ConfigError for a longer line or a damaged file, with the line's number.
  bool next(std::string_view& line);

  /// The place of a byte of the current line; columns count from 1.
  Position at(std::size_t column) const;
  const std::string& path() const { return path_; }

 private:
  bool next_line(std::string_view& line);
  bool refill();

  std::string path_;
  ByteFile file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< unread bytes are [begin_, end_)
  std::size_t end_ = 0;
  int line_ = 0;  ///< number of the current line
};

}  // namespace plimsoll
