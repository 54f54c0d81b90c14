#include "results/run_file.hpp"

#include <malloc.h>

#include <cmath>
#include <cstdlib>

#include "core/error.hpp"
#include "results/hdf5.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"

namespace plimsoll {
namespace {

Summary example_summary() {
  const Metric ttft{"ttft_p99_s", 1.25, "", 1.0, std::nullopt, 4321};
  const Metric tpot{"tpot_p99_s", std::nullopt, "fewer than 100 values", {}, {}, 0};
  return {{"total", {ttft, tpot}}, {{"vision", {tpot, ttft}}, {"chat", {tpot}}}};
}

/// The message of the IoError that reading `path` throws; empty when it throws none.
std::string refusal(const std::filesystem::path& path) {
  try {
    read_run(path);
  } catch (const IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a run comes back from its file as it was", "[results][run_file]") {
  const TemporaryFolder folder;
  const auto rows =
      GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{300'000});
  const auto compress = GENERATE(false, true);
  const RunFacts facts = example_run(rows, rows + 7);
  const Summary summary = example_summary();
  write_run(folder / "run.h5", facts, &summary, {compress});
  const RunFacts back = read_run(folder / "run.h5");
  CHECK((back == facts));
  CHECK(digest(back) == facts.digest);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("equal runs are equal bytes, whatever the memory held before", "[results][run_file]") {
  const TemporaryFolder folder;
  const auto compress = GENERATE(false, true);
  const RunFacts facts = example_run(140'000, 3);  // one chunk that is whole and one that is not
  const Summary summary = example_summary();
  mallopt(M_PERTURB, 0x5A);
  write_run(folder / "one.h5", facts, &summary, {compress});
  mallopt(M_PERTURB, 0xC3);
  write_run(folder / "two.h5", facts, &summary, {compress});
  mallopt(M_PERTURB, 0);
  CHECK((bytes_of(folder / "one.h5") == bytes_of(folder / "two.h5")));
}

TEST_CASE("a summary is in the file by name, with its interval or the reason of its absence",
          "[results][run_file]") {
  const TemporaryFolder folder;
  const Summary summary = example_summary();
  write_run(folder / "run.h5", example_run(3, 3), &summary);
  const hdf5::Reader file(folder / "run.h5");
  CHECK(file.scalar("/summary/total/ttft_p99_s") == 1.25);
  CHECK(file.attribute<double>("/summary/total/ttft_p99_s", "low") == 1.0);
  CHECK_FALSE(file.has_attribute("/summary/total/ttft_p99_s", "high"));
  CHECK(file.attribute<std::uint64_t>("/summary/total/ttft_p99_s", "samples") == 4321);
  CHECK(std::isnan(file.scalar("/summary/pools/chat/tpot_p99_s")));
  CHECK(file.text_attribute("/summary/pools/chat/tpot_p99_s", "absent") == "fewer than 100 values");
  CHECK((file.children("/summary/pools/vision") ==
         std::vector<std::string>{"tpot_p99_s", "ttft_p99_s"}));
}

TEST_CASE("columns say their unit, and the status its names", "[results][run_file]") {
  const TemporaryFolder folder;
  write_run(folder / "run.h5", example_run(3, 3), nullptr);
  const hdf5::Reader file(folder / "run.h5");
  CHECK(file.text_attribute("/pools/vision/requests/arrival_ns", "unit") == "ns");
  CHECK(file.text_attribute("/pools/vision/itl_runs/start_s", "unit") == "s");
  CHECK(file.text_attribute("/pools/vision/requests/status", "names") ==
        "in_flight queued running completed rejected transferring");
  CHECK_FALSE(file.has("/summary"));
}

TEST_CASE("a gap of more than 34 s comes back to the precision of a double",
          "[results][run_file]") {
  const TemporaryFolder folder;
  RunFacts facts = example_run(0, 1);
  facts.pools[0].itl_runs[0].start_ticks = (std::int64_t{1} << 60) + 12'345;
  write_run(folder / "run.h5", facts, nullptr);
  const auto back = read_run(folder / "run.h5").pools[0].itl_runs[0].start_ticks;
  CHECK(std::abs(back - facts.pools[0].itl_runs[0].start_ticks) <= 256);
}

TEST_CASE("what is not a run is refused with the reason", "[results][run_file]") {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  SECTION("nothing there") { CHECK(refusal(path).find("No such file") != std::string::npos); }
  SECTION("a folder") { CHECK(refusal(folder.path()) != ""); }
  SECTION("a text") {
    std::ofstream(path) << "arrival_ns,first_token_ns\n1,2\n";
    CHECK(refusal(path).find("not an HDF5 file") != std::string::npos);
  }
  SECTION("HDF5 of others") {
    PartialFile partial(path);
    hdf5::Writer file(partial);
    file.group("/pools");
    file.close();
    partial.commit();
    CHECK(refusal(path).find("not a run of Plimsoll") != std::string::npos);
  }
  SECTION("another version") {
    PartialFile partial(path);
    hdf5::Writer file(partial);
    file.attribute("/", "format", "plimsoll.run");
    file.attribute("/", "format_version", std::uint32_t{99});
    file.close();
    partial.commit();
    CHECK(refusal(path).find("version 99") != std::string::npos);
  }
}

TEST_CASE("a truncated run is refused wherever it was cut", "[results][run_file]") {
  const TemporaryFolder folder;
  write_run(folder / "run.h5", example_run(2000, 2000), nullptr);
  const auto whole = std::filesystem::file_size(folder / "run.h5");
  for (std::uintmax_t size = whole - 1;; size = size * 9 / 10) {
    std::filesystem::resize_file(folder / "run.h5", size);
    INFO("cut to " << size << " of " << whole << " bytes");
    CHECK(refusal(folder / "run.h5").find("run.h5: ") != std::string::npos);
    if (size == 0) break;
  }
}

TEST_CASE("a pool without a name that a file can hold is refused", "[results][run_file]") {
  const TemporaryFolder folder;
  RunFacts facts = example_run(1, 1);
  facts.pools[0].name = GENERATE("", ".", "a/b");
  CHECK_THROWS_AS(write_run(folder / "run.h5", facts, nullptr), IoError);
  CHECK(entries_in(folder.path()) == 0);
}

}  // namespace plimsoll
