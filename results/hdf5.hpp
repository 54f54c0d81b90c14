// The one place that speaks HDF5: thin owners of files and datasets. Names inside a file are paths
// ("/pools/chat"). Every refusal of HDF5 is an IoError that names the file and the reason, and HDF5
// itself never prints. Equal calls make equal bytes: no time stamps, a fixed format version, no
// padding that was not written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "results/atomic_file.hpp"

namespace plimsoll::hdf5 {

/// The element types of datasets and attributes, as in memory.
enum class Type : std::uint8_t { int32, int64, uint8, uint16, uint32, uint64, float64 };

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, std::int32_t>) return Type::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return Type::int64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return Type::uint8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return Type::uint16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return Type::uint32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return Type::uint64;
  if constexpr (std::is_same_v<T, double>) return Type::float64;
}

/// Rows of a dataset that are stored together: 1 MiB of 8-byte values. Write whole chunks.
inline constexpr std::uint64_t kChunkRows = std::uint64_t{1} << 17;

/// An open dataset of one dimension. Its file outlives it.
class Dataset;

/// A new file. The first failure poisons it: every later call throws the same IoError, and what the
/// destructor still does to the partial file is not heard.
class Writer {
 public:
  /// Writes at file.path(); `file` outlives the writer. `compress` applies to columns.
  explicit Writer(const PartialFile& file, bool compress = false);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Its parent must exist; children keep the order of creation.
  void group(const std::string& name);
  void scalar(const std::string& name, double value);
  void text(const std::string& name, std::string_view value);
  Dataset column(const std::string& name, Type type, std::uint64_t rows);

  /// An attribute of a group or dataset.
  void attribute(const std::string& object, const char* name, std::string_view value);
  template <class T>
    requires std::is_arithmetic_v<T>
  void attribute(const std::string& object, const char* name, T value) {
    number_attribute(object, name, type_of<T>(), &value);
  }

  void close();  ///< all is with the operating system afterwards, or it throws

 private:
  friend class Dataset;
  void number_attribute(const std::string& object, const char* name, Type type, const void* value);
  void single(const std::string& name, std::int64_t stored, std::int64_t memory, const void* value);
  void single_attribute(const std::string& object, const char* name, std::int64_t stored,
                        std::int64_t memory, const void* value);
  std::int64_t usable() const;  ///< the file, unless it is poisoned
  std::int64_t checked(std::int64_t result, std::string_view what);

  const PartialFile* partial_;
  std::string poisoned_;  ///< the first failure: what could not be done
  std::string reason_;    ///< and why
  std::int64_t file_ = -1;
  bool compress_ = false;
};

class Dataset {
 public:
  Dataset(Dataset&& other) noexcept;
  Dataset& operator=(Dataset&&) = delete;
  ~Dataset();

  /// `values` are `count` elements of the type that the dataset was made with; `first` is a
  /// multiple of kChunkRows.
  void write(std::uint64_t first, std::uint64_t count, const void* values);
  void close();

 private:
  friend class Writer;
  Dataset(Writer& writer, std::string name, Type type, std::int64_t id);

  Writer* writer_;
  std::string name_;
  std::int64_t id_;
  Type type_;
};

/// An existing file. What is missing or of another type is an IoError.
class Reader {
 public:
  explicit Reader(std::filesystem::path path);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool has(const std::string& object) const;
  std::vector<std::string> children(const std::string& group) const;  ///< in the order of creation
  std::string text(const std::string& name) const;
  double scalar(const std::string& name) const;
  std::uint64_t rows(const std::string& column) const;
  void read(const std::string& column, Type type, std::uint64_t first, std::uint64_t count,
            void* values) const;

  bool has_attribute(const std::string& object, const char* name) const;
  std::string text_attribute(const std::string& object, const char* name) const;
  template <class T>
  T attribute(const std::string& object, const char* name) const {
    T value{};
    number_attribute(object, name, type_of<T>(), &value);
    return value;
  }

  /// "PATH: <what>", for what only the caller can see to be wrong.
  [[noreturn]] void refuse(std::string_view what) const;

 private:
  void number_attribute(const std::string& object, const char* name, Type type, void* value) const;
  std::int64_t open_attribute(const std::string& object, const char* name) const;
  void require_type(std::int64_t stored, std::int64_t expected, const std::string& name) const;
  void require_single(std::int64_t stored, std::int64_t expected, std::int64_t space,
                      const std::string& name) const;
  std::string text_room(std::int64_t type, const std::string& name) const;
  std::int64_t checked(std::int64_t result, std::string_view what) const;

  std::filesystem::path path_;
  std::int64_t file_ = -1;
};

}  // namespace plimsoll::hdf5
