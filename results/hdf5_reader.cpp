// The reading half of results/hdf5.hpp.
#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "results/hdf5_library.hpp"

namespace plimsoll::hdf5 {
namespace {

/// Most that gzip shrinks zeros. A dataset that claims to be longer than that is damaged.
constexpr std::uint64_t kMostCompression = 1100;

}  // namespace

Reader::Reader(std::filesystem::path path) : path_(std::move(path)) {
  const Session session;
  if (checked(H5Fis_hdf5(path_.c_str()), "open the file") == 0) refuse("is not an HDF5 file");
  file_ = checked(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "open the file");
}

Reader::~Reader() {
  if (file_ < 0) return;
  const Session session;
  H5Fclose(file_);
}

void Reader::refuse(std::string_view what) const {
  throw IoError(fmt::format("{}: {}", path_.string(), what));
}

std::int64_t Reader::checked(std::int64_t result, std::string_view what) const {
  if (result < 0) refuse(fmt::format("cannot {}: {}", what, reason()));
  return result;
}

bool Reader::has(const std::string& object) const {
  const Session session;
  return H5Lexists(file_, object.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Reader::children(const std::string& group) const {
  const Session session;
  const std::string what = "read " + group;
  H5G_info_t info{};
  checked(H5Gget_info_by_name(file_, group.c_str(), &info, H5P_DEFAULT), what);
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto name_of = [&](char* out, std::size_t size) {
      return checked(H5Lget_name_by_idx(file_, group.c_str(), H5_INDEX_CRT_ORDER, H5_ITER_INC, i,
                                        out, size, H5P_DEFAULT),
                     what);
    };
    std::string name(static_cast<std::size_t>(name_of(nullptr, 0)), '\0');
    name_of(name.data(), name.size() + 1);
    names.push_back(std::move(name));
  }
  return names;
}

void Reader::require_type(std::int64_t stored, std::int64_t expected,
                          const std::string& name) const {
  if (H5Tequal(stored, expected) <= 0) refuse(name + " has another type than it should");
}

void Reader::require_single(std::int64_t stored, std::int64_t expected, std::int64_t space,
                            const std::string& name) const {
  require_type(stored, expected, name);
  if (H5Sget_simple_extent_npoints(space) != 1) refuse(name + " is not a single value");
}

/// Room for a text of a type that is checked to be ours.
std::string Reader::text_room(std::int64_t type, const std::string& name) const {
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0)
    refuse(name + " is not a text of fixed length");
  return std::string(H5Tget_size(type), '\0');
}

std::string Reader::text(const std::string& name) const {
  const Session session;
  const Id set(checked(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), "read " + name), H5Dclose);
  const Id type(H5Dget_type(set), H5Tclose);
  const Id space(H5Dget_space(set), H5Sclose);
  if (H5Tget_size(type) > H5Dget_storage_size(set) || H5Sget_simple_extent_npoints(space) != 1)
    refuse(name + " is damaged");
  std::string value = text_room(type, name);
  checked(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value.data()), "read " + name);
  value.resize(value.find_last_not_of('\0') + 1);
  return value;
}

double Reader::scalar(const std::string& name) const {
  const Session session;
  const Id set(checked(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), "read " + name), H5Dclose);
  const Id type(H5Dget_type(set), H5Tclose);
  const Id space(H5Dget_space(set), H5Sclose);
  require_single(type, stored_type(Type::float64), space, name);
  double value = 0;
  checked(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value), "read " + name);
  return value;
}

std::uint64_t Reader::rows(const std::string& column) const {
  const Session session;
  const Id set(checked(H5Dopen2(file_, column.c_str(), H5P_DEFAULT), "read " + column), H5Dclose);
  const Id space(H5Dget_space(set), H5Sclose);
  hsize_t extent = 0;
  if (H5Sget_simple_extent_ndims(space) != 1) refuse(column + " is not a column");
  H5Sget_simple_extent_dims(space, &extent, nullptr);
  if (extent / kMostCompression > H5Dget_storage_size(set)) refuse(column + " is damaged");
  return extent;
}

void Reader::read(const std::string& column, Type type, std::uint64_t first, std::uint64_t count,
                  void* values) const {
  const Session session;
  const std::string what = "read " + column;
  const Id set(checked(H5Dopen2(file_, column.c_str(), H5P_DEFAULT), what), H5Dclose);
  const Id stored(H5Dget_type(set), H5Tclose);
  require_type(stored, stored_type(type), column);
  const hsize_t start = first;
  const hsize_t length = count;
  const Id memory(H5Screate_simple(1, &length, nullptr), H5Sclose);
  const Id file(H5Dget_space(set), H5Sclose);
  checked(H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, nullptr, &length, nullptr), what);
  checked(H5Dread(set, memory_type(type), memory, file, H5P_DEFAULT, values), what);
}

bool Reader::has_attribute(const std::string& object, const char* name) const {
  const Session session;
  return H5Aexists_by_name(file_, object.c_str(), name, H5P_DEFAULT) > 0;
}

std::int64_t Reader::open_attribute(const std::string& object, const char* name) const {
  return checked(H5Aopen_by_name(file_, object.c_str(), name, H5P_DEFAULT, H5P_DEFAULT),
                 fmt::format("read {}, attribute {}", object, name));
}

std::string Reader::text_attribute(const std::string& object, const char* name) const {
  const Session session;
  const Id made(open_attribute(object, name), H5Aclose);
  const Id type(H5Aget_type(made), H5Tclose);
  const Id space(H5Aget_space(made), H5Sclose);
  if (H5Sget_simple_extent_npoints(space) != 1) refuse(object + " is damaged");
  std::string value = text_room(type, object);
  checked(H5Aread(made, type, value.data()), "read " + object);
  value.resize(value.find_last_not_of('\0') + 1);
  return value;
}

void Reader::number_attribute(const std::string& object, const char* name, Type type,
                              void* value) const {
  const Session session;
  const Id made(open_attribute(object, name), H5Aclose);
  const Id stored(H5Aget_type(made), H5Tclose);
  const Id space(H5Aget_space(made), H5Sclose);
  require_single(stored, stored_type(type), space, fmt::format("{}, attribute {}", object, name));
  checked(H5Aread(made, memory_type(type), value), "read " + object);
}

}  // namespace plimsoll::hdf5
