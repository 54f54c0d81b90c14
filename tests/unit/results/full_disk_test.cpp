// What a full disk and a killed process leave behind. Each case runs in a process of its own, which
// must end by itself and in silence.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <thread>

#include "core/error.hpp"
#include "results/atomic_file.hpp"
#include "results/run_file.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"

// When HDF5 cannot write a compressed chunk, it forgets the buffer: the leak checker must not
// report that one.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }

namespace plimsoll {
namespace {

constexpr int kNotPermitted = 77;
constexpr int kAsExpected = 3;

struct Ended {
  int status = 0;
  std::string output;  ///< what it wrote to its standard streams
};

/// Runs `act` in a process of its own, which then leaves through `exit`, handlers and all.
Ended in_process(const std::function<int()>& act) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::cout.flush();  // or the child would write it again
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    std::exit(act());
  }
  close(ends[1]);
  Ended ended;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    ended.output.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(child, &ended.status, 0);
  return ended;
}

/// True if writing `facts` into the empty `folder` is refused for `reason` and leaves it empty.
bool is_refused(const std::filesystem::path& folder, const RunFacts& facts,
                const std::string& reason, bool compress) {
  try {
    write_run(folder / "run.h5", facts, nullptr, {compress});
    return false;
  } catch (const IoError& error) {
    const std::string text = error.what();
    return text.find(reason) != text.npos && text.find("run.h5: cannot ") != text.npos &&
           text.find("Nothing was written") != text.npos && entries_in(folder) == 0;
  }
}

/// In a mount namespace of this process alone, and as its root where it is not root yet.
bool mount_small_disk(const std::filesystem::path& folder) {
  if (unshare(CLONE_NEWNS) != 0) {
    const std::string user = std::to_string(geteuid());
    const std::string group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
    std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=2m") == 0;
}

}  // namespace

TEST_CASE("a full disk is an error that says so, and leaves no file", "[results][run_file]") {
  const TemporaryFolder folder;
  const auto compress = GENERATE(false, true);
  const Ended ended = in_process([&] {
    if (!mount_small_disk(folder.path())) return kNotPermitted;
    const RunFacts large = example_run(300'000, 300'000);
    if (!is_refused(folder.path(), large, "No space left on device", compress)) return 1;
    write_run(folder / "small.h5", example_run(10, 10), nullptr);  // the process goes on
    return read_run(folder / "small.h5") == example_run(10, 10) ? kAsExpected : 2;
  });
  REQUIRE(WIFEXITED(ended.status));
  if (WEXITSTATUS(ended.status) == kNotPermitted) {
    std::cout << "skipped: mounting a small disk is not permitted here\n";
    return;
  }
  CHECK(WEXITSTATUS(ended.status) == kAsExpected);
  CHECK(ended.output == "");
}

TEST_CASE("a file may stop growing anywhere: the run is refused, and the next one is whole",
          "[results][run_file]") {
  const TemporaryFolder folder;
  const RunFacts facts = example_run(2000, 2000);
  const auto compress = GENERATE(false, true);
  write_run(folder.path().string() + ".whole", facts, nullptr, {compress});
  const std::string whole = bytes_of(folder.path().string() + ".whole");
  std::filesystem::remove(folder.path().string() + ".whole");
  const Ended ended = in_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < whole.size(); limit += 8999) {
      const rlimit most{limit, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &most);
      if (!is_refused(folder.path(), facts, "File too large", compress)) return 1;
    }
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &all);
    write_run(folder / "run.h5", facts, nullptr, {compress});
    return bytes_of(folder / "run.h5") == whole ? kAsExpected : 2;
  });
  REQUIRE(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == kAsExpected);
  CHECK(ended.output == "");
}

TEST_CASE("a refused text file leaves the older one as it was", "[results][atomic_file]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "report.html") << "old";
  const Ended ended = in_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit most{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &most);
    try {
      AtomicFile file(folder / "report.html");
      for (int i = 0; i < 100; ++i) file.write(std::string(10'000, 'x'));
      file.commit();
    } catch (const IoError&) {
      return kAsExpected;
    }
    return 1;
  });
  REQUIRE(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == kAsExpected);
  CHECK(bytes_of(folder / "report.html") == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a kill in the middle of writing leaves no half file under the final name",
          "[results][run_file]") {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const RunFacts facts = example_run(200'000, 50'000);
  for (int kill_after_ms = 3; kill_after_ms < 60; kill_after_ms += 7) {
    std::filesystem::remove(path);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
      for (;;) write_run(path, facts, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(kill_after_ms));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    if (std::filesystem::exists(path)) CHECK((read_run(path) == facts));
  }
}

}  // namespace plimsoll
