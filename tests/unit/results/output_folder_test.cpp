#include "results/output_folder.hpp"

#include "core/error.hpp"
#include "results/atomic_file.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"

namespace plimsoll {

TEST_CASE("an output folder is made when the first file is, not before", "[results][output]") {
  const TemporaryFolder folder;
  OutputFolder out(folder / "a/b/");
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
  AtomicFile file(out.file("report.html"));
  file.write("<p>whole</p>");
  CHECK_FALSE(std::filesystem::exists(folder / "a/b/report.html"));
  file.commit();
  CHECK(bytes_of(folder / "a/b/report.html") == "<p>whole</p>");
}

TEST_CASE("folders that a failed run made are removed, others stay", "[results][output]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "mine");
  {
    OutputFolder made(folder / "runs/chat");
    OutputFolder found(folder / "mine");
    AtomicFile uncommitted(made.file("run.meta.json"));
    uncommitted.write("{");
    found.create();
    CHECK(std::filesystem::exists(folder / "runs/chat"));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "runs"));
  CHECK(std::filesystem::exists(folder / "mine"));
}

TEST_CASE("a fresh folder is one that no run has used", "[results][output]") {
  const TemporaryFolder folder;
  const auto used = [&] {
    OutputFolder out = OutputFolder::fresh(folder / "runs", "chat-20260509-073027");
    AtomicFile(out.file("run.meta.json")).commit();
    return out.path().filename().string();
  };
  CHECK(used() == "chat-20260509-073027");
  CHECK(used() == "chat-20260509-073027-2");
  CHECK(used() == "chat-20260509-073027-3");
}

TEST_CASE("what a killed run left is removed and reported once", "[results][output]") {
  const TemporaryFolder folder;
  std::ofstream(folder / ".run.h5.partial") << "half";
  std::ofstream(folder / "run.h5") << "older";
  std::ofstream(folder / ".partial") << "not ours";
  std::vector<std::string> notices;
  for (int run = 0; run < 2; ++run) {
    OutputFolder out(folder.path(), [&](std::string_view text) { notices.emplace_back(text); });
    out.create();
  }
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find(".run.h5.partial") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / ".run.h5.partial"));
  CHECK(bytes_of(folder / "run.h5") == "older");
  CHECK(std::filesystem::exists(folder / ".partial"));
}

TEST_CASE("two runs cannot write into one folder at the same time", "[results][output]") {
  const TemporaryFolder folder;
  OutputFolder first(folder / "out");
  first.create();
  OutputFolder second(folder / "out");
  CHECK_THROWS_AS(second.create(), IoError);
  CHECK(std::filesystem::exists(folder / "out"));
}

TEST_CASE("an output folder that cannot be is an error that names it", "[results][output]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "text";
  CHECK_THROWS_AS(OutputFolder(folder / "file").create(), IoError);
  CHECK_THROWS_AS(OutputFolder(folder / "file/below").create(), IoError);
  CHECK_THROWS_AS(OutputFolder(std::filesystem::path("/proc/nothing")).create(), IoError);
}

TEST_CASE("the stamp of a fresh folder is in UTC", "[results][output]") {
  CHECK(utc_stamp(0) == "19700101-000000");
  CHECK(utc_stamp(1'778'311'827) == "20260509-073027");
}

}  // namespace plimsoll
