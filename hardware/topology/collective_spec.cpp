#include "hardware/topology/collective_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hardware/topology/named_values.hpp"

namespace plimsoll {
namespace {

constexpr NamedValues<CollectiveOperation, 5> kOperations{
    {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send_recv"}};
constexpr NamedValues<CollectiveAlgorithm, 6> kAlgorithms{
    {"ring", "tree", "nvls", "one_shot", "two_shot", "pairwise"}};
constexpr NamedValues<CollectiveProtocol, 3> kProtocols{{"ll", "ll128", "simple"}};

}  // namespace

std::string_view operation_name(CollectiveOperation operation) {
  return kOperations.name(operation);
}
std::string_view algorithm_name(CollectiveAlgorithm algorithm) {
  return kAlgorithms.name(algorithm);
}
std::string parse_scalar(std::string_view text, CollectiveOperation& out) {
  return kOperations.parse(text, out);
}
std::string parse_scalar(std::string_view text, CollectiveAlgorithm& out) {
  return kAlgorithms.parse(text, out);
}
std::string parse_scalar(std::string_view text, CollectiveProtocol& out) {
  return kProtocols.parse(text, out);
}
std::string scalar_text(CollectiveOperation value) { return std::string(kOperations.name(value)); }
std::string scalar_text(CollectiveAlgorithm value) { return std::string(kAlgorithms.name(value)); }
std::string scalar_text(CollectiveProtocol value) { return std::string(kProtocols.name(value)); }

void check_collectives(const CollectiveSpec& spec, const ConfigNode& root,
                       std::vector<Fault>& faults) {
  for (std::size_t i = 0; i < spec.fits.size(); ++i) {
    const CollectiveFit& fit = spec.fits[i];
    const bool answers =
        std::any_of(fit.terms.begin(), fit.terms.end(),
                    [](const CollectiveTerm& term) { return term.most.count() == 0; });
    if (answers && !fit.gpus.empty()) continue;
    const std::string path = fmt::format("fits[{}]", i);
    faults.push_back({position_of(root, path),
                      fmt::format("{} has no {}; it could not answer for every message.", path,
                                  answers ? "gpus" : "term without `most`")});
  }
}

}  // namespace plimsoll
