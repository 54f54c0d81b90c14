#include "hardware/topology/link_spec.hpp"

#include "hardware/topology/named_values.hpp"

namespace plimsoll {
namespace {

constexpr NamedValues<LinkKind, 6> kNames{
    {"nvlink", "infinity_fabric", "c2c", "pcie", "cpu", "network"}};

}  // namespace

std::string_view link_kind_name(LinkKind kind) { return kNames.name(kind); }
std::string parse_scalar(std::string_view text, LinkKind& out) { return kNames.parse(text, out); }
std::string scalar_text(LinkKind kind) { return std::string(kNames.name(kind)); }

}  // namespace plimsoll
