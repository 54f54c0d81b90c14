#include "results/hdf5_library.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace plimsoll::hdf5 {
namespace {

/// One for the process, as HDF5 is. Recursive: a Dataset may be closed while its Writer throws.
std::recursive_mutex& mutex() {
  static std::recursive_mutex instance;
  return instance;
}

herr_t pick_reason(unsigned depth, const H5E_error2_t* error, void* out) {
  auto& reason = *static_cast<std::string*>(out);
  const std::string_view text = error->desc != nullptr ? error->desc : "";
  constexpr std::string_view kErrno = "errno = ";
  if (const auto at = text.find(kErrno); at != text.npos) {
    const int code = std::atoi(text.data() + at + kErrno.size());
    reason = std::generic_category().message(code);
    return 1;  // the operating system's word is the reason: stop here
  }
  if (depth == 0) reason = text;
  return 0;
}

}  // namespace

Session::Session() : lock_(mutex()) {
  // At exit HDF5 would try to write again what it could not write, and crash (1.10.8).
  static const herr_t no_exit_handler = H5dont_atexit();
  static_cast<void>(no_exit_handler);
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() { H5Eset_auto2(H5E_DEFAULT, print_, print_data_); }

hid_t memory_type(Type type) {
  switch (type) {
    case Type::int32:
      return H5T_NATIVE_INT32;
    case Type::int64:
      return H5T_NATIVE_INT64;
    case Type::uint8:
      return H5T_NATIVE_UINT8;
    case Type::uint16:
      return H5T_NATIVE_UINT16;
    case Type::uint32:
      return H5T_NATIVE_UINT32;
    case Type::uint64:
      return H5T_NATIVE_UINT64;
    case Type::float64:
      return H5T_NATIVE_DOUBLE;
  }
  return H5I_INVALID_HID;
}

hid_t stored_type(Type type) {
  switch (type) {
    case Type::int32:
      return H5T_STD_I32LE;
    case Type::int64:
      return H5T_STD_I64LE;
    case Type::uint8:
      return H5T_STD_U8LE;
    case Type::uint16:
      return H5T_STD_U16LE;
    case Type::uint32:
      return H5T_STD_U32LE;
    case Type::uint64:
      return H5T_STD_U64LE;
    case Type::float64:
      return H5T_IEEE_F64LE;
  }
  return H5I_INVALID_HID;
}

hid_t text_type(std::size_t length) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, std::max<std::size_t>(length, 1));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

std::string reason() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, pick_reason, &text);
  return text.empty() ? "HDF5 gives no reason" : text;
}

}  // namespace plimsoll::hdf5
