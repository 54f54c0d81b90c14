// Damaged files: whatever stands in a file, reading it gives arrivals in order or a ConfigError.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/traces/small_job_law.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/job_csv.hpp"
#include "traces/length_tables.hpp"
#include "traces/trace_stream.hpp"

using namespace plimsoll;

namespace {

constexpr std::uint64_t kMutations = 2'000;

/// One to four changes: a byte set, a byte dropped, a piece repeated, the end cut off.
std::string mutated(std::string bytes, const RandomStream& draws, std::uint64_t i) {
  const std::uint32_t changes = 1 + below(4, draws.bits(i));
  for (std::uint32_t change = 1; change <= changes && !bytes.empty(); ++change) {
    const auto [where, what] = draws.block(i, change);
    const std::size_t at = below(static_cast<std::uint32_t>(bytes.size()), where);
    const std::string alphabet = ",\n\r-+.eE0123456789 nan:[]{}#\"'&*\xFF";
    switch (below(5, what)) {
      case 0:
        bytes[at] = static_cast<char>(what & 0xFF);
        break;
      case 1:
        bytes[at] = alphabet[(what & 0xFF) % alphabet.size()];
        break;
      case 2:
        bytes.erase(at, 1 + (what & 7));
        break;
      case 3:
        bytes.insert(at, bytes.substr(at / 2, 1 + (what & 63)));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

/// Reads mutations of a file; how many of them were good and how many faulty.
template <class Read>
std::pair<int, int> read_mutations(const std::string& bytes, const std::string& name, Read&& read) {
  const test::TemporaryFolder folder;
  const RandomStream draws(1, name, "mutations");
  int good = 0;
  int faulty = 0;
  for (std::uint64_t i = 0; i < kMutations; ++i) {
    const std::string path = folder.write(name, mutated(bytes, draws, i));
    try {
      read(path);
      ++good;
    } catch (const ConfigError& error) {
      if (!error.faults().empty()) ++faulty;
    }
  }
  return {good, faulty};
}

void check_mutations(const std::string& format, const std::string& bytes, const std::string& name) {
  const auto [good, faulty] = read_mutations(bytes, name, [&](const std::string& path) {
    SimTime last{};
    for (const Arrival& arrival : test::load(format, path)) {
      REQUIRE((arrival.at >= last && arrival.prompt_tokens >= 1 && arrival.output_tokens >= 1));
      last = arrival.at;
    }
  });
  CHECK(good + faulty == kMutations);
  CHECK(faulty > 0);
}

std::vector<Arrival> few_arrivals() {
  const RandomStream draws(2, "test", "arrivals");
  std::vector<Arrival> all;
  for (std::uint64_t i = 0; i < 40; ++i) {
    all.push_back({at_ns(static_cast<std::int64_t>(i) * 123'456'789),
                   1 + static_cast<std::int32_t>(i * 37),
                   1 + static_cast<std::int32_t>(below(500, draws.bits(i)))});
  }
  return all;
}

}  // namespace

TEST_CASE("a damaged Azure trace is read or refused, never worse", "[traces][mutation]") {
  std::string bytes = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n";
  for (int i = 10; i < 50; ++i) {
    bytes += "2023-11-16 18:15:" + std::to_string(i) + ".6805900," + std::to_string(i * 31) + "," +
             std::to_string(i * 7) + "\r\n";
  }
  check_mutations("azure", bytes, "azure.csv");
}

TEST_CASE("a damaged csv trace is read or refused, never worse", "[traces][mutation]") {
  const test::TemporaryFolder folder;
  for (const std::string name : {"t.csv", "t.csv.zst"}) {
    TraceStream stream(std::make_shared<const std::vector<Arrival>>(few_arrivals()));
    write_trace(stream, folder.path(name));
    check_mutations("csv", test::read_bytes(folder.path(name)), name);
  }
}

TEST_CASE("a damaged quantile table is read or refused, never worse", "[traces][mutation]") {
  const test::TemporaryFolder folder;
  LengthTables tables = fit_lengths(few_arrivals());
  tables.source = "made for this test";
  write_lengths(tables, folder.path("t.yaml"));
  const auto [good, faulty] = read_mutations(test::read_bytes(folder.path("t.yaml")), "t.yaml",
                                             [](const std::string& path) {
                                               const LengthTables read = read_lengths(path);
                                               REQUIRE(read.prompt_tokens.table.at(0.5) >= 1);
                                             });
  CHECK(good + faulty == kMutations);
  CHECK(faulty > 0);
}

TEST_CASE("a damaged law of jobs is read or refused, never worse", "[traces][mutation]") {
  const test::TemporaryFolder folder;
  write_job_law(test::small_law(), folder.path("law.yaml"));
  const auto [good, faulty] = read_mutations(test::read_bytes(folder.path("law.yaml")), "law.yaml",
                                             [](const std::string& path) {
                                               const JobLaw law = read_job_law(path);
                                               REQUIRE(test::draw(law, 20).size() == 20);
                                             });
  CHECK(good + faulty == kMutations);
  CHECK(faulty > 0);
}

TEST_CASE("damaged traces of jobs are read or refused, never worse", "[traces][mutation][jobs]") {
  const test::TemporaryFolder folder;
  write_csv_jobs(test::draw(test::small_law(), 40), folder.path("jobs.csv"));
  JobTraceContext gavel;
  gavel.gpu_kinds = {"nvidia_t4", "nvidia_v100_sxm2_16gb"};
  gavel.profiles = folder.write("t.json", R"json({"v100": {"('LM', 1)": {"null": 10.0}}})json");
  struct Case {
    const char* format;
    std::string bytes;
    JobTraceContext context;
  };
  for (const Case& of : {
           Case{"csv", test::read_bytes(folder.path("jobs.csv")), {}},
           Case{"philly",
                "timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 07:01:55,66.0,1,66,a\n"
                "2017-10-09 06:13:03,2951.0,16,1,b\n",
                {}},
           Case{"openb",
                "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time,"
                "scheduled_time\na,1,1,1,460,T4|G2,10,100,25\nb,2,4,8,1000,,20,60,\n",
                {}},
           Case{"gavel", "LM\tpython\t--steps\t1\t500\t60.5\t1\nLM\tp\t-n\t1\t80\t61\t1\n", gavel},
       }) {
    const auto [good, faulty] = read_mutations(of.bytes, of.format, [&](const std::string& path) {
      for (const JobSpec& job : read_job_trace({of.format, path}, of.context, {}))
        REQUIRE((!job.gang.empty() && job.submitted_at >= SimTime{}));
    });
    CHECK(good + faulty == kMutations);
    CHECK(faulty > 0);
  }
}
