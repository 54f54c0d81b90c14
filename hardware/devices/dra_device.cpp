#include "hardware/devices/dra_device.hpp"

namespace plimsoll {

std::string DraDevice::text(std::string_view attribute) const {
  const auto found = attributes.find(std::string(attribute));
  if (found == attributes.end()) return {};
  const auto* value = std::get_if<std::string>(&found->second);
  return value != nullptr ? *value : std::string();
}

}  // namespace plimsoll
