#include "traces/job_trace_formats.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/job_csv.hpp"

namespace plimsoll::test {
namespace {

const Position kAsked{"run.yaml", 3, 5};

std::vector<JobSpec> read(const std::string& format, const std::string& path,
                          const JobTraceContext& context = {}) {
  return read_job_trace({format, path}, context, kAsked);
}

/// What the ConfigError of reading says, without the folder; empty when it can be read.
std::string job_fault_of(const std::string& format, const std::string& path,
                         const JobTraceContext& context = {}) {
  try {
    read(format, path, context);
    return {};
  } catch (const ConfigError& error) {
    std::string text = error.what();
    const std::string folder = std::filesystem::path(path).parent_path().string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }
}

std::int32_t gpus_of(const JobSpec& job) {
  std::int32_t gpus = 0;
  for (const SubGang& part : job.gang) gpus += part.workers * part.each.gpus;
  return gpus;
}

double seconds_alone(const JobSpec& job, const PlacementShape& on = {}) {
  return to_seconds(job.model->time_to_end({}, on));
}

TEST_CASE("every format of job traces has a sentence and says what it needs", "[traces][jobs]") {
  const JobTraceFormats formats = builtin_job_trace_formats();
  for (const char* name : {"csv", "gavel", "helios", "openb", "pai", "philly", "pollux",
                           "pollux_elastic", "pollux_rigid", "tiresias"})
    CHECK(formats.find(name) != nullptr);
  for (const std::string& name : formats.names()) {
    CHECK_FALSE(formats.find(name)->doc.empty());
    const bool profiled = name == "gavel" || name.starts_with("pollux");
    CHECK(formats.find(name)->needs_profiles() == profiled);
  }
}

TEST_CASE("an unknown format and missing or useless profiles are faults of who asked",
          "[traces][jobs]") {
  CHECK_THAT(job_fault_of("phily", "x.csv"),
             Catch::StartsWith("run.yaml:3:5: unknown job trace format \"phily\". Did you mean "
                               "\"philly\"?"));
  CHECK(job_fault_of("pollux", "x.csv") ==
        "run.yaml:3:5: jobs of the format pollux need `profiles`: the folder of profiled "
        "applications of the Pollux artifact.");
  JobTraceContext context;
  context.profiles = "folder";
  CHECK(job_fault_of("philly", "x.csv", context) ==
        "run.yaml:3:5: profiles = \"folder\": jobs of the format philly need none.");
}

TEST_CASE("jobs of our own format ask for what their row says", "[traces][jobs]") {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "jobs.csv",
      "duration_s,name,gpus,submit_s,queue,user,priority,gpu_milli,cpu_milli,memory_mib\n"
      "60.5,a,12,0.25,prod,ann,5,1000,12001,1200\n7,b,1,3,,,-1,250,,4\n8,c,0,4,,,0,,500,1\n");
  CHECK(job_fault_of("csv", path) ==
        "jobs.csv:3:18: cpu_milli = \"\" is not a finite number.\n"
        "jobs.csv:4:13: gpu_milli = \"\" is not a finite number.");
  const auto jobs =
      read("csv",
           folder.write(
               "jobs.csv",
               "duration_s,name,gpus,submit_s,queue,user,priority,gpu_milli,cpu_milli,memory_mib\n"
               "60.5,a,12,0.25,prod,ann,5,1000,12001,1200\n7,b,1,3,,,-1,250,100,4\n8,c,0,4,,,0,0,"
               "500,1\n"));
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].queue == "prod");
  CHECK(jobs[0].user == "ann");
  CHECK(jobs[0].priority == 5);
  CHECK(to_ns(jobs[0].submitted_at) == 250'000'000);
  CHECK(seconds_alone(jobs[0]) == Approx(60.5));
  REQUIRE(jobs[0].gang.size() == 2);
  CHECK(jobs[0].gang[0].each == ResourceRequest{8001, Bytes{800ll << 20}, 8});
  CHECK(jobs[0].gang[1].each == ResourceRequest{4001, Bytes{400ll << 20}, 4});
  CHECK(jobs[1].gang.front().each == ResourceRequest{100, Bytes{4ll << 20}, 1, 250});
  CHECK(jobs[2].gang.front().each == ResourceRequest{500, Bytes{1ll << 20}, 0});
}

TEST_CASE("our own format refuses what it does not know, with places", "[traces][jobs]") {
  const TemporaryFolder folder;
  const auto fault = [&](std::string_view text) {
    return job_fault_of("csv", folder.write("j.csv", text));
  };
  CHECK_THAT(fault("name,submit_s,gpus\na,1,1\n"), Catch::Contains("column \"duration_s\""));
  CHECK_THAT(fault("name,submit_s,gpus,duration_s,prio\na,1,1,1,1\n"),
             Catch::StartsWith("j.csv:1:31: unknown column \"prio\". Known: name, submit_s, gpus"));
  CHECK(fault("name,submit_s,gpus,duration_s,gpus\na,1,1,1,1\n") ==
        "j.csv:1:31: column \"gpus\" comes twice.");
  const std::string rows = fault(
      "name,submit_s,gpus,duration_s,gpu_milli\na,-1,1,1,1000\na,0,1.5,1,1000\na,0,2,1,500\n"
      "b,0,1,1e10,1000\n,0,1,1,1000\nc,0,1,1,0\nd,0,1\n");
  CHECK_THAT(rows, Catch::Contains("j.csv:2:3: submit_s = \"-1\""));
  CHECK_THAT(rows, Catch::Contains("j.csv:3:1: name = \"a\" is the name of an earlier row"));
  CHECK_THAT(rows, Catch::Contains("j.csv:5:7: duration_s = \"1e10\" is more than 1e9 seconds"));
  CHECK_THAT(rows, Catch::Contains("j.csv:6:1: name = \"\" is empty"));
  CHECK_THAT(rows, Catch::Contains("j.csv:7:9: gpu_milli = \"0\" is no share of a GPU"));
  CHECK_THAT(rows, Catch::Contains("j.csv:8:1: the row has 3 fields"));
  CHECK_THAT(fault("name,submit_s,gpus,duration_s\n"), Catch::Contains("no row"));
}

TEST_CASE("openb pods live as long as the trace says, on the models that they accept",
          "[traces][jobs][openb]") {
  const TemporaryFolder folder;
  const std::string header =
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
      "deletion_time,scheduled_time\n";
  const std::string path = folder.write(
      "pods.csv", header +
                      "a,1000,2,1,460,V100M16|V100M32|T4,LS,Running,10,100,25\n"
                      "b,2000,4,8,1000,,BE,Pending,20,60,\nc,3000,6,0,0,,LS,Running,30,90,30\n"
                      "d,1000,2,1,1000,G3,LS,Running,40,50,40\n");
  JobTraceContext context;
  context.gpu_kinds = {"nvidia_t4", "nvidia_v100_sxm2_32gb", "openb_g2"};
  context.allowed = 0b110;
  const auto jobs = read("openb", path, context);
  REQUIRE(jobs.size() == 4);
  CHECK(jobs[0].gang == std::vector{SubGang{1, {1000, Bytes{2ll << 20}, 1, 460, 0b010}}});
  CHECK(to_seconds(jobs[0].submitted_at) == 10);
  CHECK(seconds_alone(jobs[0]) == 75);
  CHECK(seconds_alone(jobs[1]) == 40);  // it waited so long, and left
  CHECK(jobs[1].gang.front().each.gpu_kinds == 0b110);
  CHECK(jobs[2].gang.front().each.gpus == 0);
  CHECK(jobs[3].gang.front().each.gpu_kinds == 0);  // a cluster without G3 will say so

  CHECK(job_fault_of("openb", folder.write("p.csv", header + "a,1,1,1,1,,LS,Running,10,9,10\n"
                                                             "b,1,1,1,1,,LS,Running,10,90,91\n")) ==
        "p.csv:2:26: deletion_time = \"9\" is before the pod's creation_time.\n"
        "p.csv:3:29: scheduled_time = \"91\" is not between the pod's creation_time and "
        "deletion_time.");
  CHECK_THAT(job_fault_of("openb", folder.write("q.csv",
                                                "name,cpu_milli,memory_mib,num_gpu,"
                                                "gpu_milli\na,1,1,1,1\n")),
             Catch::StartsWith("q.csv: has no columns creation_time, deletion_time"));
}

TEST_CASE("Gavel's kinds of GPUs are found among those of the cluster", "[traces][jobs]") {
  const TemporaryFolder folder;
  JobTraceContext context;
  context.gpus_per_node = 4;
  context.gpu_kinds = {"nvidia_t4", "nvidia_v100_sxm2_16gb", "nvidia_p100_pcie",
                       "nvidia_v100_sxm2_32gb"};
  context.profiles = folder.write(
      "t.json", R"json({"v100": {"('LM', 1)": {"null": 10.0}, "('A3C', 6)": {"null": 4.0}},
                        "p100": {"('LM', 1)": {"null": 5.0}, "('A3C', 6)": {"null": 0.0}},
                        "k80": {"('LM', 1)": {"null": 2.0}, "('A3C', 6)": {"null": 1.0}}})json");
  const std::string path =
      folder.write("a.trace", "LM\tpython\t--steps\t1\t500\t60.5\t1\nA3C\tp\t-n\t1\t80\t61\t6\n");
  const auto jobs = read("gavel", path, context);
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].gang.front().each.gpu_kinds == 0b1110);
  CHECK(seconds_alone(jobs[0], {{1}, 1, -1}) == Approx(50));
  CHECK(seconds_alone(jobs[0], {{1}, 2, -1}) == Approx(100));
  CHECK(seconds_alone(jobs[0], {{1}, 3, -1}) == Approx(50));
  CHECK(jobs[1].gang.size() == 2);  // a node of four and two more
  CHECK(jobs[1].gang.front().each.gpu_kinds == 0b1010);

  context.allowed = 0b0100;
  const auto on_p100 = read("gavel", path, context);
  CHECK(on_p100[0].model);
  CHECK_FALSE(on_p100[1].model);  // not measured there: the cluster is to reject it
  CHECK(on_p100[1].name == "job-00001");
  CHECK(on_p100[1].gang.front().each.gpu_kinds == 0);
  context.allowed = 0b0001;
  CHECK_THAT(job_fault_of("gavel", path, context),
             Catch::StartsWith("t.json: has throughputs of k80, p100, v100; the GPUs that"));
}

/// A folder of one application, linear in all that it depends on.
std::string write_application(const TemporaryFolder& folder) {
  std::filesystem::create_directories(folder.path("apps/net"));
  folder.write("apps/net/validation-64.csv",
               "progress,iteration,grad_sqr,grad_var\n100,100,1,1\n200,200,1,1\n");
  folder.write("apps/net/validation-256.csv",
               "progress,iteration,grad_sqr,grad_var\n100,50,1,1\n200,100,1,1\n");
  folder.write("apps/net/placements.csv",
               "placement,local_bsz,step_time,sync_time\n1,32,0.1,0\n1,64,0.2,0\n2,32,0.11,0.01\n"
               "2,64,0.21,0.01\n11,32,0.12,0.02\n11,64,0.22,0.02\n");
  folder.write("apps/net/scalability.csv",
               "num_nodes,num_replicas,local_bsz,step_time,sync_time\n1,1,32,0.1,0\n"
               "2,2,32,0.12,0.02\n1,2,32,0.11,0.01\n1,2,64,0.21,0.01\n");
  return folder.path("apps");
}

TEST_CASE("Pollux's workloads give their scheduler as much freedom as the format says",
          "[traces][jobs]") {
  const TemporaryFolder folder;
  JobTraceContext context;
  context.profiles = write_application(folder);
  context.allowed = 0b1;
  const std::string path = folder.write(
      "w.csv", "name,time,application,num_replicas,batch_size\nnet-0,12.5,net,3,128\n");
  const JobSpec rigid = read("pollux_rigid", path, context).front();
  const JobSpec elastic = read("pollux_elastic", path, context).front();
  const JobSpec free = read("pollux", path, context).front();
  CHECK(gpus_of(rigid) == 3);
  CHECK(rigid.min_workers == rigid.max_workers);
  CHECK((elastic.min_workers == 1 && elastic.max_workers == 4));  // 128 by 32
  CHECK((free.min_workers == 1 && free.max_workers == 8));        // 256 by 32
  for (const JobSpec& job : {rigid, elastic, free}) {
    CHECK(to_seconds(job.submitted_at) == 12.5);
    CHECK(job.restart_cost == std::chrono::seconds{30});
    CHECK(job.gang.front().each.gpu_kinds == 0b1);
    CHECK(seconds_alone(job, {{2}, 0, -1}) > 0);
    CHECK(seconds_alone(job, {{8, 8}, 0, -1}) > 0);  // never measured: by the fitted law
  }
  CHECK(elastic.model->report({}, {}).speed->step_s.size() == 4);
  CHECK(free.model->report({}, {}).speed->goodput.has_value());

  CHECK(job_fault_of("pollux",
                     folder.write("x.csv",
                                  "name,time,application,num_replicas,"
                                  "batch_size\nq,0,gpt,1,1\n"),
                     context) ==
        "x.csv: job \"q\" is of application \"gpt\", which was not profiled.");
  context.profiles = folder.path("nowhere");
  CHECK(job_fault_of("pollux", path, context) == "nowhere: is no folder of profiled applications.");
}

TEST_CASE("the recorded jobs of every data set can be read", "[traces][jobs][data]") {
  JobTraceContext context;
  context.gpu_kinds = {"nvidia_p100_pcie",
                       "nvidia_v100_sxm2_16gb",
                       "nvidia_v100_sxm2_32gb",
                       "nvidia_t4",
                       "nvidia_a10",
                       "openb_g2",
                       "openb_g3"};
  struct Case {
    const char* format;
    const char* file;
    std::size_t jobs;
    const char* profiles;
  };
  for (const Case& c : std::vector<Case>{
           {"helios", "peer_runs/helios_sim/trace_w1.csv.zst", 12751, ""},
           {"tiresias", "tiresias/60_job.csv", 60, ""},
           {"philly", "philly/philly_jobs_pollux.csv.zst", 52849, ""},
           {"pai", "alibaba_pai_2020/pai_1k.csv", 1000, ""},
           {"openb", "fgd_openb/openb_pod_list_gpuspec25.csv.zst", 8152, ""},
           {"pollux", "pollux_osdi21/workloads/workload-1.csv", 160, "pollux_osdi21/traces"},
           {"pollux_rigid", "sia_workloads/philly__workload-2.csv", 160, "pollux_osdi21/traces"},
           {"gavel", "gavel_msr/0e4a51.trace.zst", 1181,
            "gavel_msr/simulation_throughputs.json.zst"}}) {
    const std::string path = data_path(c.file);
    if (path.empty()) continue;
    context.profiles = *c.profiles == 0 ? std::string{} : data_path(c.profiles);
    const auto jobs = read(c.format, path, context);
    CHECK(jobs.size() >= c.jobs);
    for (const JobSpec& job : jobs)
      if (job.gang.empty() || job.submitted_at < SimTime{}) FAIL(job.name);
    const auto unmeasured = std::ranges::count(jobs, nullptr, &JobSpec::model);
    CHECK(unmeasured == (std::string_view(c.format) == "gavel" ? 197 : 0));
  }
}

}  // namespace
}  // namespace plimsoll::test
