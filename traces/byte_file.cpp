#include "traces/byte_file.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/error.hpp"

namespace plimsoll {
namespace {

constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::size_t kInputBytes = std::size_t{128} << 10;

std::FILE* open(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw ConfigError({path}, "is a directory; name a file.");
  }
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw ConfigError({path}, fmt::format("cannot be opened: {}.", std::strerror(errno)));
  }
  return file;
}

}  // namespace

void ByteFile::Free::operator()(ZSTD_DCtx_s* decompressor) const { ZSTD_freeDCtx(decompressor); }

ByteFile::ByteFile(const std::string& path) : path_(path), file_(open(path)), input_(kInputBytes) {
  end_ = read_raw(input_);
  if (std::string_view(input_.data(), end_).starts_with(kZstdMagic)) {
    decompressor_.reset(ZSTD_createDCtx());
  }
}

ByteFile::~ByteFile() = default;

std::size_t ByteFile::read_raw(std::span<char> bytes) {
  const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file_.get());
  if (count < bytes.size() && std::ferror(file_.get()) != 0) {
    throw IoError(fmt::format("{}: cannot be read: {}.", path_, std::strerror(errno)));
  }
  return count;
}

std::size_t ByteFile::read(std::span<char> bytes) {
  if (decompressor_) return decompress(bytes);
  if (begin_ == end_) return read_raw(bytes);
  const std::size_t count = std::min(bytes.size(), end_ - begin_);
  std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(begin_), count, bytes.begin());
  begin_ += count;
  return count;
}

std::size_t ByteFile::decompress(std::span<char> bytes) {
  ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
  while (out.pos == 0) {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = read_raw(input_);
    }
    const bool at_end = begin_ == end_;
    if (at_end && !frame_open_) return 0;
    ZSTD_inBuffer in{input_.data(), end_, begin_};
    const std::size_t hint = ZSTD_decompressStream(decompressor_.get(), &out, &in);
    begin_ = in.pos;
    if (ZSTD_isError(hint) != 0) {
      throw ConfigError({path_},
                        fmt::format("is damaged: zstd says \"{}\".", ZSTD_getErrorName(hint)));
    }
    frame_open_ = hint != 0;
    if (at_end && out.pos == 0) {
      throw ConfigError({path_},
                        "is truncated: the file ends within a zstd frame; fetch it again.");
    }
  }
  return out.pos;
}

}  // namespace plimsoll
