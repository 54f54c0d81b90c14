#include "traces/job_law.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/config/fields.hpp"
#include "core/config/yaml.hpp"
#include "results/atomic_file.hpp"
#include "traces/fitted_table_text.hpp"

namespace plimsoll {
namespace {

struct ArrivalsText : JobArrivals {
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("jobs_per_hour", &ArrivalsText::jobs_per_hour, "Mean rate of submissions.", required,
          1e-6, 1e9);
    visit("shape", &ArrivalsText::shape,
          "Shape of the gamma law between submissions: 1 is Poisson, less is burstier.", 0.01,
          100.0);
    visit("hour_cv", &ArrivalsText::hour_cv,
          "Coefficient of variation of the rate between hours, beside hours, weekdays and days.",
          0.0, 10.0);
    visit("hours", &ArrivalsText::hours, "Relative rates of the 24 hours of a day.", 0.0, 1e6);
    visit("weekdays", &ArrivalsText::weekdays, "Relative rates of the seven days of a week.", 0.0,
          1e6);
    visit("days", &ArrivalsText::days, "Relative rates of days, each as likely as the others.", 0.0,
          1e6);
  }
};

struct RequestText : JobRequestClass {
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpu_milli", &RequestText::gpu_milli, "Thousandths of each GPU.", 1, kWholeGpu);
    visit("cpu_milli", &RequestText::cpu_milli, "Thousandths of CPU cores of a job.",
          std::int64_t{0}, std::int64_t{1'000'000'000'000});
    visit("memory_mib", &RequestText::memory_mib, "Memory of a job.", std::int64_t{0},
          std::int64_t{1'000'000'000'000});
    visit("share", &RequestText::share, "Share of the jobs of the size.", required, 0.0, 1e9);
  }
};

struct SizeText {
  std::int32_t gpus = 0;
  double share = 0;
  FittedTableText duration_s;
  std::vector<RequestText> requests;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpus", &SizeText::gpus, "GPUs of a job.", required, 0, 1'000'000);
    visit("share", &SizeText::share, "Share of the jobs.", required, 0.0, 1e9);
    visit("duration_s", &SizeText::duration_s, "Running times, whole seconds.", required);
    visit("requests", &SizeText::requests, "What jobs of the size ask for besides GPUs.");
  }
};

struct NamedShareText : NamedShare {
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &NamedShareText::name, "Its name.", required);
    visit("share", &NamedShareText::share, "Share of the jobs.", required, 0.0, 1e9);
  }
};

struct LawText {
  std::string source;
  std::string attribution;
  std::string command;
  std::int64_t jobs = 0;
  ArrivalsText arrivals;
  std::vector<SizeText> sizes;
  std::vector<NamedShareText> queues;
  std::vector<NamedShareText> users;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("source", &LawText::source, "What the numbers are from.", required);
    visit("attribution", &LawText::attribution, "What the licence of the data asks to be said.");
    visit("command", &LawText::command, "Fits the file again.");
    visit("jobs", &LawText::jobs, "Jobs in the data.", at_least(std::int64_t{0}));
    visit("arrivals", &LawText::arrivals, "When jobs are submitted.", required);
    visit("sizes", &LawText::sizes, "Jobs by their number of GPUs, ascending.", required);
    visit("queues", &LawText::queues, "Queues of the jobs.");
    visit("users", &LawText::users, "Users of the jobs.");
  }
};

/// Collects what the fields alone do not show.
class LawChecks {
 public:
  LawChecks(const ConfigNode& root, std::vector<Fault>& faults) : root_(root), faults_(faults) {}

  void check(const LawText& text) {
    multipliers("arrivals.hours", text.arrivals.hours, kHoursPerDay, kHoursPerDay);
    multipliers("arrivals.weekdays", text.arrivals.weekdays, kDaysPerWeek, kDaysPerWeek);
    multipliers("arrivals.days", text.arrivals.days, 1, kMostDayRates);
    if (text.sizes.empty()) fault("sizes", "lists no size of jobs.");
    shares("sizes", text.sizes);
    shares("queues", text.queues);
    shares("users", text.users);
    for (std::size_t i = 0; i < text.sizes.size(); ++i) size(text.sizes, i);
  }

 private:
  void fault(const std::string& path, std::string_view problem) {
    faults_.push_back({position_of(root_, path), fmt::format("{} {}", path, problem)});
  }
  void multipliers(const std::string& path, const std::vector<double>& values, std::size_t least,
                   std::size_t most) {
    if (values.empty()) return;
    if (values.size() < least || values.size() > most)
      fault(path, fmt::format("has {} entries; it needs {}.", values.size(),
                              least == most ? fmt::format("{}", most)
                                            : fmt::format("{} to {}", least, most)));
    if (std::ranges::all_of(values, [](double value) { return value == 0; }))
      fault(path, "are all 0: no job would ever come.");
  }
  template <class Shares>
  void shares(const std::string& path, const Shares& entries) {
    const auto nothing = [](const auto& entry) { return entry.share == 0; };
    if (!entries.empty() && std::ranges::all_of(entries, nothing))
      fault(path, "have no share above 0.");
  }
  void size(const std::vector<SizeText>& sizes, std::size_t i) {
    const SizeText& size = sizes[i];
    const std::string path = fmt::format("sizes[{}]", i);
    if (i > 0 && size.gpus <= sizes[i - 1].gpus)
      fault(path + ".gpus", fmt::format("= {} does not rise.", size.gpus));
    shares(path + ".requests", size.requests);
    for (std::size_t r = 0; r < size.requests.size(); ++r)
      if (size.requests[r].gpu_milli < kWholeGpu && size.gpus != 1)
        fault(fmt::format("{}.requests[{}].gpu_milli", path, r), "is below 1000 of no single GPU.");
    const ConfigNode* const knots = find_path(root_.find("sizes")->items[i], "duration_s.knots");
    check_knots(knots, path + ".duration_s.knots", "seconds", size.duration_s.knots, faults_);
  }

  const ConfigNode& root_;
  std::vector<Fault>& faults_;
};

JobLaw law_of(LawText text) {
  JobLaw law;
  law.source = std::move(text.source);
  law.attribution = std::move(text.attribution);
  law.command = std::move(text.command);
  law.jobs = text.jobs;
  law.arrivals = std::move(text.arrivals);
  for (SizeText& size : text.sizes)
    law.sizes.push_back({size.gpus,
                         size.share,
                         fitted_table(std::move(size.duration_s)),
                         {size.requests.begin(), size.requests.end()}});
  law.queues.assign(text.queues.begin(), text.queues.end());
  law.users.assign(text.users.begin(), text.users.end());
  return law;
}

std::string arrivals_text(const JobArrivals& arrivals) {
  std::string text = fmt::format("arrivals:\n  jobs_per_hour: {}\n  shape: {}\n  hour_cv: {}\n",
                                 arrivals.jobs_per_hour, arrivals.shape, arrivals.hour_cv);
  const auto add = [&](const char* name, const std::vector<double>& values) {
    if (!values.empty()) text += fmt::format("  {}: [{}]\n", name, fmt::join(values, ", "));
  };
  add("hours", arrivals.hours);
  add("weekdays", arrivals.weekdays);
  add("days", arrivals.days);
  return text;
}

std::string size_text(const JobSizeClass& size) {
  std::string text = fmt::format("  - gpus: {}\n    share: {}\n", size.gpus, size.share);
  if (!size.requests.empty()) text += "    requests:\n";
  for (const JobRequestClass& request : size.requests)
    text += fmt::format("      - {{gpu_milli: {}, cpu_milli: {}, memory_mib: {}, share: {}}}\n",
                        request.gpu_milli, request.cpu_milli, request.memory_mib, request.share);
  return text + "    duration_s:\n" + table_text(size.duration_s, 6);
}

std::string shares_text(const char* name, const std::vector<NamedShare>& shares) {
  ConfigNode list = ConfigNode::sequence();
  for (const NamedShare& entry : shares) {
    ConfigNode node = ConfigNode::map();
    node.add("name", text_node(entry.name));
    node.add("share", ConfigNode::scalar(scalar_text(entry.share)));
    list.items.push_back(std::move(node));
  }
  ConfigNode root = ConfigNode::map();
  root.add(name, std::move(list));
  return shares.empty() ? std::string{} : to_yaml(root);
}

}  // namespace

JobLawMeans means_of(const JobLaw& law, std::int32_t most_gpus) {
  JobLawMeans means;
  double shares = 0;
  for (const JobSizeClass& size : law.sizes) {
    if (size.gpus > most_gpus) continue;
    const double duration_s = size.duration_s.table.mean();
    shares += size.share;
    means.gpus += size.share * size.gpus;
    means.duration_s += size.share * duration_s;
    means.gpu_seconds += size.share * size.gpus * duration_s;
  }
  if (shares == 0) return {};
  return {means.gpus / shares, means.duration_s / shares, means.gpu_seconds / shares};
}

JobLaw read_job_law(const std::string& path) {
  std::vector<Fault> faults;
  const ConfigNode root = load_yaml(path, faults);
  auto text = read_config<LawText>(root, faults);
  if (faults.empty()) LawChecks(root, faults).check(text);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return law_of(std::move(text));
}

void write_job_law(const JobLaw& law, const std::string& path) {
  ConfigNode head = ConfigNode::map();
  head.add("source", text_node(law.source));
  if (!law.attribution.empty()) head.add("attribution", text_node(law.attribution));
  if (!law.command.empty()) head.add("command", text_node(law.command));
  if (law.jobs > 0) head.add("jobs", ConfigNode::scalar(scalar_text(law.jobs)));
  AtomicFile file(path);
  file.write(
      "# A law of batch jobs: see traces/job_law.hpp. A knot is [seconds, share of the jobs of "
      "the\n"
      "# size that run at most so long]. These are figures derived from the data named here, not\n"
      "# the data.\n");
  file.write(to_yaml(head));
  file.write(arrivals_text(law.arrivals));
  file.write(shares_text("queues", law.queues));
  file.write(shares_text("users", law.users));
  file.write("sizes:\n");
  for (const JobSizeClass& size : law.sizes) file.write(size_text(size));
  file.commit();
}

}  // namespace plimsoll
