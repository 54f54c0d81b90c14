// Scenarios written to a folder of their own, and what is said of them: for tests.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "scenario/resolve.hpp"
#include "tests/catch.hpp"

namespace plimsoll::tests {

namespace fs = std::filesystem;

inline const char* const kValid = R"(apiVersion: plimsoll.dev/v1alpha1
cluster:
  nodes:
    h100: {type: hgx_h100_8, count: 2}
pools:
  chat:
    model: llama-3.1-70b
    nodes: h100
    replicas: 4
    tensor_parallel: 4
    workload:
      trace: {format: csv, path: requests.csv}
policies:
  routing: least_request
observe:
  sensors: {period: 50ms, delay: 2ms}
run:
  horizon: 1h
  seed: 1
)";

/// To be added to it; policies.scheduling is still to be named.
inline const char* const kValidJobs = R"(jobs:
  team:
    topology: {required: leaf}
    checkpoint_interval: 10m
    list:
      - {name: one, submit: 1h, gang: [{workers: 2, gpus: 4, cpu: 8, memory: 64Gi}], duration: 2h}
      - {name: two, gang: [{}], elastic: {min_workers: 1, max_workers: 4}, duration: 30m}
  drawn:
    synthetic: {like: philly, rate: 10/h, jobs: 100}
)";

inline ScenarioContext context() {
  return {{}, {"least_request", "random", "round_robin"}, {"azure", "csv"}, {"fifo"}, {"csv"}};
}

/// A folder with an empty trace and the files of one test, removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() / fmt::format("plimsoll_{}_{}", name, ::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "sub");
    write("requests.csv", "");
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;

  fs::path write(const std::string& file, const std::string& text) const {
    std::ofstream(path_ / file) << text;
    return path_ / file;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What is said of the file s.yaml with this text; places without the folder.
inline std::string faults_of(const std::string& text,
                             const std::vector<std::string>& assignments = {}) {
  const Folder folder("faults");
  try {
    load_scenario(folder.write("s.yaml", text), assignments, context());
  } catch (const ConfigError& error) {
    std::string faults = error.what();
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at; (at = faults.find(prefix)) != std::string::npos;)
      faults.erase(at, prefix.size());
    return faults;
  }
  return "no fault";
}

inline std::string fault_of_change(const std::string& from, const std::string& to) {
  return faults_of(replaced(kValid, from, to));
}

}  // namespace plimsoll::tests
