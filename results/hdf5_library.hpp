// How the writer and the reader call HDF5: sessions, identifiers, types and reasons. Only they
// include it.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <type_traits>

#include "results/hdf5.hpp"

namespace plimsoll::hdf5 {

static_assert(std::is_same_v<hid_t, std::int64_t>);

/// Held while HDF5 is called: one caller at a time (the library may be built without locks), and
/// silent.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::scoped_lock<std::recursive_mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// Owns an identifier of HDF5.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  // NOLINTNEXTLINE(google-explicit-constructor): it stands for the number in HDF5's calls
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

hid_t memory_type(Type type);
hid_t stored_type(Type type);  ///< little-endian

/// UTF-8 of a fixed length, to be closed. The empty string is one NUL: HDF5 has no type of length
/// 0.
hid_t text_type(std::size_t length);

/// Why the last call failed: what the operating system said, or else HDF5's innermost message.
std::string reason();

}  // namespace plimsoll::hdf5
