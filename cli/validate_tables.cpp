// plimsoll validate tables: published results of cluster schedulers, reproduced and compared value by value.
#include <chrono>
#include <iostream>
#include <thread>

#include "cli/cpu_time.hpp"
#include "cli/validate.hpp"
#include "planner/tables/run.hpp"

namespace plimsoll::cli {

namespace po = boost::program_options;

int validate_tables(const std::vector<std::string>& words) {
  Options options("validate tables [--data DIR] [options]",
                  "Runs the schedulers on the workloads of published results, every table that the "
                  "data folder\nholds, and prints values compared and equal, differences, and the "
                  "time it took. Exits with 1\nwhen values differ that once were equal.");
  options.add()("data", po::value<std::string>()->value_name("DIR"),
                "folder of published results; default: $PLIMSOLL_DATA");
  options.add()("table", po::value<std::vector<std::string>>()->value_name("NAME")->composing(),
                "only this table; may be repeated");
  options.add()("json", "print everything as JSON");
  options.add()("threads", po::value<std::size_t>()->value_name("N"),
                "experiments run at a time; default: the machine's processors");
  if (!options.parse(words)) return 0;
  TableContext context;
  context.threads =
      options.get_or<std::size_t>("threads", std::max(1u, std::thread::hardware_concurrency()));
  const auto clocks = [] {
    const auto wall = std::chrono::steady_clock::now().time_since_epoch();
    return std::pair{cpu_seconds(), std::chrono::duration<double>(wall).count()};
  };
  const TablesRun run =
      run_tables(published_tables(), data_folder(options, "validate tables"),
                 options.get_or<std::vector<std::string>>("table", {}), context, clocks);
  std::cout << (options.given("json") ? tables_json(run) : render_tables(run));
  return run.holds() ? 0 : 1;
}

}  // namespace plimsoll::cli
