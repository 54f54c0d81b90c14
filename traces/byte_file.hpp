// A file's bytes from front to back, decompressed on the way when the file is zstd (told by its first four bytes).
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct ZSTD_DCtx_s;

namespace plimsoll {

class ByteFile {
 public:
  /// Throws ConfigError when there is no such file, or it is a directory or may not be opened.
  explicit ByteFile(const std::string& path);
  ~ByteFile();

  /// Fills the front of `bytes` and returns how many; 0 is the end. Throws ConfigError for a truncated or damaged
  /// zstd file, IoError where reading fails.
  std::size_t read(std::span<char> bytes);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Free {
    void operator()(ZSTD_DCtx_s* decompressor) const;
  };
  std::size_t read_raw(std::span<char> bytes);
  std::size_t decompress(std::span<char> bytes);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;  ///< none for a plain file
  std::vector<char> input_;                          ///< raw bytes read ahead: [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool frame_open_ = false;  ///< within a zstd frame: the end of the file would cut it
};

}  // namespace plimsoll
