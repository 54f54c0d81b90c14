// Fitted constants of collective operations, as their catalogue files state them: what NCCL and the
// engines' own all-reduce kernels make of the links they run on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"

namespace plimsoll {

/// `send_recv`: one GPU to one other. Messages are counted as NCCL's tests count them: the whole
/// vector, of which each rank gives or gets an n-th in all_gather, reduce_scatter and all_to_all.
enum class CollectiveOperation : std::uint8_t {
  all_reduce,
  all_gather,
  reduce_scatter,
  all_to_all,
  send_recv
};
enum class CollectiveAlgorithm : std::uint8_t { ring, tree, nvls, one_shot, two_shot, pairwise };
enum class CollectiveProtocol : std::uint8_t { ll, ll128, simple };

std::string_view operation_name(CollectiveOperation operation);
std::string_view algorithm_name(CollectiveAlgorithm algorithm);
[[nodiscard]] std::string parse_scalar(std::string_view text, CollectiveOperation& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, CollectiveAlgorithm& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, CollectiveProtocol& out);
std::string scalar_text(CollectiveOperation operation);
std::string scalar_text(CollectiveAlgorithm algorithm);
std::string scalar_text(CollectiveProtocol protocol);

/// One way to carry an operation out: us = launch + steps(n) * step
///   + wire bytes(n) / bandwidth * (slowdown + slowdown_over_gpus / n).
struct CollectiveTerm {
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  CollectiveProtocol protocol = CollectiveProtocol::simple;
  double launch_us = 0;
  double step_us = 0;
  double slowdown = 1;
  double slowdown_over_gpus = 0;
  Bytes most{};  ///< longest message that it is used for; 0: any

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("algorithm", &CollectiveTerm::algorithm,
          "ring, tree, nvls, one_shot, two_shot or pairwise.", required);
    visit("protocol", &CollectiveTerm::protocol, "ll, ll128 or simple.");
    visit("launch_us", &CollectiveTerm::launch_us, "Time whatever the size.", required, 0.0, 1e6);
    visit("step_us", &CollectiveTerm::step_us, "Time of a step to the next GPU.", required, 0.0,
          1e6);
    visit("slowdown", &CollectiveTerm::slowdown, "Time of a byte on the wire against the link's.",
          required, 0.0, 1e5);
    visit("slowdown_over_gpus", &CollectiveTerm::slowdown_over_gpus,
          "What is added to it in a group of n GPUs, times n.", 0.0, 1e5);
    visit("most", &CollectiveTerm::most, "Longest message that it is used for; 0: any.", Bytes{0},
          Bytes{1'000'000'000'000'000});
  }
};

/// An operation of one library among GPUs of one kind: the fastest term that may be used counts.
struct CollectiveFit {
  std::string library;  ///< "nccl", "vllm", "sglang", "trtllm": who measured it through what
  CollectiveOperation operation = CollectiveOperation::all_reduce;
  std::vector<std::int32_t> gpus;  ///< sizes of the groups that it was fitted to
  std::int32_t nodes = 1;          ///< that those groups were spread over
  BytesPerSecond bandwidth{};      ///< of a GPU's link where it was measured; slowdowns refer to it
  std::vector<CollectiveTerm> terms;
  std::vector<std::string> versions;  ///< of the library; empty: any
  std::string source;
  std::int64_t rows = 0;
  double median_error = 0;  ///< of |predicted / measured - 1| over those rows

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("library", &CollectiveFit::library, "Whose implementation.", required);
    visit("operation", &CollectiveFit::operation,
          "all_reduce, all_gather, reduce_scatter, all_to_all or send_recv.", required);
    visit("gpus", &CollectiveFit::gpus, "Sizes of the measured groups.", required, 2, 100'000);
    visit("nodes", &CollectiveFit::nodes, "Nodes that a group was spread over.", 1, 100'000);
    visit("bandwidth", &CollectiveFit::bandwidth, "Of a GPU's link where it was measured.",
          required, BytesPerSecond{1e8}, BytesPerSecond{1e13});
    visit("terms", &CollectiveFit::terms, "The ways to carry it out.", required);
    visit("versions", &CollectiveFit::versions, "Versions of the library.");
    visit("source", &CollectiveFit::source, "The measurements.", required);
    visit("rows", &CollectiveFit::rows, "Measured rows that were fitted.", required,
          std::int64_t{1}, std::int64_t{1'000'000'000});
    visit("median_error", &CollectiveFit::median_error, "Median relative error on them.", required,
          0.0, 10.0);
  }
};

/// One file of hardware/catalog/collectives.
struct CollectiveSpec {
  std::string name;  ///< its file's name: a GPU's where it stands for all GPUs of the kind
  std::vector<std::string> aliases;
  std::vector<CollectiveFit> fits;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &CollectiveSpec::aliases, "Other names of this set.");
    visit("fits", &CollectiveSpec::fits, "Operations, by library.", required);
  }
};

/// Adds what no range can tell: a fit without terms, or whose every term has a longest message.
void check_collectives(const CollectiveSpec& spec, const ConfigNode& root,
                       std::vector<Fault>& faults);

}  // namespace plimsoll
