// The writing half of results/hdf5.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "results/hdf5_library.hpp"

namespace plimsoll::hdf5 {

Writer::Writer(const PartialFile& file, bool compress) : partial_(&file), compress_(compress) {
  const Session session;
  const Id creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);
  H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  file_ = checked(H5Fcreate(file.path().c_str(), H5F_ACC_TRUNC, creation, access), "create it");
}

Writer::~Writer() {
  if (file_ < 0) return;
  const Session session;
  H5Fclose(file_);
}

std::int64_t Writer::checked(std::int64_t result, std::string_view what) {
  if (result < 0 && poisoned_.empty()) {
    poisoned_ = what;
    reason_ = reason();
  }
  usable();
  return result;
}

std::int64_t Writer::usable() const {
  if (!poisoned_.empty()) partial_->refuse(poisoned_, reason_);
  return file_;
}

void Writer::group(const std::string& name) {
  const Session session;
  const hid_t file = usable();
  const Id creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);
  H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  const Id made(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, creation, H5P_DEFAULT), H5Gclose);
  checked(made, "write " + name);
}

void Writer::scalar(const std::string& name, double value) {
  const Session session;
  single(name, stored_type(Type::float64), memory_type(Type::float64), &value);
}

void Writer::text(const std::string& name, std::string_view value) {
  const Session session;
  const Id type(text_type(value.size()), H5Tclose);
  single(name, type, type, value.empty() ? "" : value.data());
}

void Writer::single(const std::string& name, std::int64_t stored, std::int64_t memory,
                    const void* value) {
  const hid_t file = usable();
  const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id made(H5Dcreate2(file, name.c_str(), stored, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                H5Dclose);
  checked(made, "write " + name);
  checked(H5Dwrite(made, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), "write " + name);
}

Dataset Writer::column(const std::string& name, Type type, std::uint64_t rows) {
  const Session session;
  const hid_t file = usable();
  const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);
  if (rows > 0) {
    const hsize_t chunk = std::min(rows, kChunkRows);
    H5Pset_chunk(creation, 1, &chunk);
    if (compress_) {
      H5Pset_shuffle(creation);
      checked(H5Pset_deflate(creation, 1), "compress " + name);
    }
  }
  const hsize_t extent = rows;
  const Id space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  const hid_t made =
      H5Dcreate2(file, name.c_str(), stored_type(type), space, H5P_DEFAULT, creation, H5P_DEFAULT);
  return Dataset(*this, name, type, checked(made, "write " + name));
}

void Writer::attribute(const std::string& object, const char* name, std::string_view value) {
  const Session session;
  const Id type(text_type(value.size()), H5Tclose);
  single_attribute(object, name, type, type, value.empty() ? "" : value.data());
}

void Writer::number_attribute(const std::string& object, const char* name, Type type,
                              const void* value) {
  const Session session;
  single_attribute(object, name, stored_type(type), memory_type(type), value);
}

void Writer::single_attribute(const std::string& object, const char* name, std::int64_t stored,
                              std::int64_t memory, const void* value) {
  const hid_t file = usable();
  const std::string what = fmt::format("write {}, attribute {}", object, name);
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id made(H5Acreate_by_name(file, object.c_str(), name, stored, space, H5P_DEFAULT,
                                  H5P_DEFAULT, H5P_DEFAULT),
                H5Aclose);
  checked(made, what);
  checked(H5Awrite(made, memory, value), what);
}

void Writer::close() {
  const Session session;
  const hid_t file = usable();
  checked(H5Fflush(file, H5F_SCOPE_GLOBAL), "write the file");
  const herr_t closed = H5Fclose(std::exchange(file_, -1));  // its identifier is gone either way
  checked(closed, "close the file");
}

Dataset::Dataset(Writer& writer, std::string name, Type type, std::int64_t id)
    : writer_(&writer), name_(std::move(name)), id_(id), type_(type) {}

Dataset::Dataset(Dataset&& other) noexcept
    : writer_(other.writer_),
      name_(std::move(other.name_)),
      id_(std::exchange(other.id_, -1)),
      type_(other.type_) {}

Dataset::~Dataset() {
  if (id_ < 0) return;
  const Session session;
  H5Dclose(id_);
}

void Dataset::write(std::uint64_t first, std::uint64_t count, const void* values) {
  const Session session;
  writer_->usable();
  const hsize_t start = first;
  const hsize_t length = count;
  const Id memory(H5Screate_simple(1, &length, nullptr), H5Sclose);
  const Id file(H5Dget_space(id_), H5Sclose);
  writer_->checked(H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, nullptr, &length, nullptr),
                   "select rows of " + name_);
  writer_->checked(H5Dwrite(id_, memory_type(type_), memory, file, H5P_DEFAULT, values),
                   "write " + name_);
}

void Dataset::close() {
  const Session session;
  writer_->usable();
  writer_->checked(H5Dclose(std::exchange(id_, -1)), "write " + name_);
}

}  // namespace plimsoll::hdf5
