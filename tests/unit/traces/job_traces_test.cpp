// Traces of batch jobs, as rows and as jobs.
#include "traces/job_traces.hpp"

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;
using namespace plimsoll::test;

namespace {

template <class Read>
std::string fault(const TemporaryFolder& folder, Read read, std::string_view text) {
  try {
    read(folder.write("jobs.csv", text));
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    return what.substr(what.find("jobs.csv"));
  }
  return "";
}

}  // namespace

TEST_CASE("the formats of job traces give the same jobs", "[traces][jobs]") {
  const TemporaryFolder folder;
  const auto helios = read_helios_jobs(
      folder.write("h.csv", "job_id,vc,gpu_num,submit_time,duration\n7,a,4,10,60\n8,b,1,12,5\n"));
  const auto tiresias = read_tiresias_jobs(folder.write(
      "t.csv",
      "job_id,num_gpu,submit_time,iterations,model_name,duration,interval\n7,4,10,9,vgg,60,1\n"));
  const auto philly = read_philly_jobs(folder.write(
      "p.csv",
      "timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 00:00:05,60.0,4,240.0,a\n"
      "2017-10-08 23:59:55,5.5,1,5.5,b\n"));
  const auto pai = read_pai_jobs(folder.write("a.csv", "arrival_time,length,cpus\n10.0,60.0,4\n"));
  REQUIRE(helios.size() == 2);
  CHECK(helios[0] ==
        RecordedJob{"7", "a", "", 4, SimTime{std::chrono::seconds{10}}, std::chrono::seconds{60}});
  CHECK(tiresias[0].gpus == 4);
  CHECK(tiresias[0].running_time == helios[0].running_time);
  CHECK(philly[0].submitted_at == SimTime{std::chrono::seconds{10}});  // after the earliest row
  CHECK(philly[1].running_time == std::chrono::milliseconds{5500});
  CHECK(pai[0].submitted_at == helios[0].submitted_at);
}

TEST_CASE("a row of a job trace that cannot be is refused with its place", "[traces][jobs]") {
  const TemporaryFolder folder;
  const std::string header = "job_id,vc,gpu_num,submit_time,duration\n";
  CHECK(fault(folder, read_helios_jobs, "job_id,vc,submit_time\n1,a,3\n").find("gpu_num") !=
        std::string::npos);
  CHECK(fault(folder, read_helios_jobs, header + "1,a,1,0,-5\n").find("jobs.csv:2:9") == 0);
  CHECK(fault(folder, read_helios_jobs, header + "1,a,0,0,5\n").find("jobs.csv:2:5") == 0);
  CHECK(fault(folder, read_helios_jobs, header + "1,a,1,0,1e12\n").find("jobs.csv:2:9") == 0);
  CHECK(fault(folder, read_helios_jobs, header).find("has a header but no row") !=
        std::string::npos);
  const std::string philly = "timestamp,duration,num_gpus,gpu_time,cluster\n";
  for (const char* time :
       {"2017-13-09 00:00:05", "2017-02-30 00:00:05", "yesterday", "2017-10-09 00:00:05Z"}) {
    CAPTURE(time);
    CHECK(fault(folder, read_philly_jobs, philly + time + ",1,1,1,a\n").find("jobs.csv:2:1") == 0);
  }
}

TEST_CASE("GPUs become whole nodes and a rest, or single workers", "[traces][jobs]") {
  RecordedJob job;
  job.gpus = 20;
  job.running_time = std::chrono::seconds{9};
  const JobSpec whole = job_specs({job}, 8).front();
  REQUIRE(whole.gang.size() == 2);
  CHECK(whole.gang[0].workers == 2);
  CHECK(whole.gang[0].each.gpus == 8);
  CHECK(whole.gang[1].each.gpus == 4);
  const JobSpec scattered = job_specs({job}, 8, GangLayout::scattered).front();
  REQUIRE(scattered.gang.size() == 1);
  CHECK(scattered.gang[0].workers == 20);
  CHECK(scattered.user_estimate == std::chrono::seconds{9});
}
