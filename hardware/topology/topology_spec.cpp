#include "hardware/topology/topology_spec.hpp"

#include "hardware/topology/named_values.hpp"

namespace plimsoll {
namespace {

constexpr NamedValues<ScaleUpKind, 4> kNames{{"none", "nvswitch", "mesh", "bridges"}};

}  // namespace

std::string parse_scalar(std::string_view text, ScaleUpKind& out) {
  return kNames.parse(text, out);
}
std::string scalar_text(ScaleUpKind kind) { return std::string(kNames.name(kind)); }

}  // namespace plimsoll
