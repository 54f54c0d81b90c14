// plimsoll validate collectives: times of collectives as GPUs are linked, against measured ones.
#include <algorithm>
#include <iostream>

#include "cli/validate.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/validation/collectives.hpp"

namespace plimsoll::cli {

namespace po = boost::program_options;

int validate_collectives(const std::vector<std::string>& words) {
  Options options("validate collectives [--data DIR] [options]",
                  "Compares the times of collectives (NCCL's and the engines' own) with measured "
                  "ones, per GPU and\nsize of group. Exits with 1 when a group's median error is "
                  "above 10 % and above what the\nmeasurements' own scatter explains.");
  options.add()("data", po::value<std::string>()->value_name("DIR"),
                "folder of measurements; default: $PLIMSOLL_DATA");
  options.add()("catalog", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
  if (!options.parse(words)) return 0;
  const auto catalogs = options.get_or<std::vector<std::string>>("catalog", {});
  const CollectiveStudy study =
      study_collectives(data_folder(options, "validate collectives"),
                        catalog_roots({catalogs.begin(), catalogs.end()}, "."));
  std::cout << render_collectives(study);
  return std::all_of(study.summary.begin(), study.summary.end(), within_target) ? 0 : 1;
}

}  // namespace plimsoll::cli
