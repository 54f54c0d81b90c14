// Field lists: one list reads, checks, explains and writes a struct.
#include <cstdint>

#include "core/config/fields.hpp"
#include "core/config/override.hpp"
#include "core/config/suggest.hpp"
#include "core/config/yaml.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

struct Inner {
  std::int32_t count = 1;
  std::optional<Duration> wait;
  friend bool operator==(const Inner&, const Inner&) = default;
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("count", &Inner::count, "How many.", 1, 10);
    visit("wait", &Inner::wait, "Longest wait.", above(Duration{0}));
  }
};

struct Everything {
  std::string name;
  bool on = false;
  std::int64_t whole = -1;
  std::uint64_t seed = 0;
  double reserve = 0.0;
  Duration period{50'000'000};
  Bytes size{1};
  BytesPerSecond bandwidth{1};
  FlopPerSecond compute{1};
  Watts power{1};
  UsdPerHour price{1};
  PerSecond rate{1};
  Inner inner;
  std::vector<double> list;
  std::map<std::string, Inner> named;
  friend bool operator==(const Everything&, const Everything&) = default;
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &Everything::name, "Name of it all.", required);
    visit("on", &Everything::on, "Whether.");
    visit("whole", &Everything::whole, "A whole number.");
    visit("seed", &Everything::seed, "A seed.");
    visit("reserve", &Everything::reserve, "Share of each node kept free for bursts.", 0.0, 1.0);
    visit("period", &Everything::period, "A period.", at_least(Duration{0}));
    visit("size", &Everything::size, "A size.");
    visit("bandwidth", &Everything::bandwidth, "A bandwidth.");
    visit("compute", &Everything::compute, "A compute rate.");
    visit("power", &Everything::power, "GPU power.");
    visit("price", &Everything::price, "A price.");
    visit("rate", &Everything::rate, "A rate.", above(0.0));
    visit("inner", &Everything::inner, "A struct.");
    visit("list", &Everything::list, "Numbers.", 0.0, 9.0);
    visit("named", &Everything::named, "By name.");
  }
};

Everything read(std::string_view text) {
  return read_config<Everything>(parse_yaml(text, "a.yaml"));
}

std::string faults_of(std::string_view text) {
  try {
    read(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

/// The one fault of `name: x` plus this line, without the place.
std::string fault(const std::string& line) {
  const std::string all = faults_of("name: x\n" + line);
  const std::size_t end_of_place = all.find(": ");
  return end_of_place == std::string::npos ? all : all.substr(end_of_place + 2);
}

}  // namespace

TEST_CASE("a config struct is read from its field list", "[core][config]") {
  const Everything read_back = read(R"(
name: no
on: true
whole: 12
seed: 18446744073709551615
reserve: 0.25
period: 1h30m
size: 16Gi
bandwidth: 3.35 TB/s
compute: 989 TFLOP/s
power: 700 W
price: 2.69 USD/h
rate: 30/min
inner: {count: 2, wait: 10us}
list: [1, 2.5]
named: {a: {count: 3}, b: }
)");
  CHECK(read_back.name == "no");
  CHECK(read_back.on);
  CHECK(read_back.seed == 18446744073709551615u);
  CHECK(read_back.period == std::chrono::minutes(90));
  CHECK(read_back.size == Bytes{std::int64_t{16} << 30});
  CHECK(read_back.bandwidth == BytesPerSecond{3.35e12});
  CHECK(read_back.compute == FlopPerSecond{989e12});
  CHECK(read_back.power == Watts{700});
  CHECK(read_back.price == UsdPerHour{2.69});
  CHECK(read_back.rate == PerSecond{0.5});
  CHECK(read_back.inner.wait == Duration{10'000});
  CHECK(read_back.list == std::vector<double>{1, 2.5});
  CHECK(read_back.named.at("a").count == 3);
  CHECK(read_back.named.at("b") == Inner{});
  CHECK(read("name: x").period == Duration{50'000'000});
}

TEST_CASE("every fault is reported with place, finding, range and advice", "[core][config]") {
  CHECK(faults_of("reserve: 1.5\nperiod: 50\ninner: {cuont: 2, count: 0}\n") ==
        "a.yaml:1:1: name is missing (name of it all).\n"
        "a.yaml:1:10: reserve = 1.5 is outside [0, 1] (share of each node kept free for bursts).\n"
        "a.yaml:2:9: period = 50 has no unit; write a duration such as 30s, 50ms or 1h30m "
        "(units: h, m, s, ms, us, ns) (a period).\n"
        "a.yaml:3:26: inner.count = 0 is outside [1, 10] (how many).\n"
        "a.yaml:3:9: inner: unknown key \"cuont\". Did you mean \"count\"? Known: count, wait.");
}

TEST_CASE("values of the wrong type or unit say what to write", "[core][config]") {
  CHECK(fault("on: yes") == "on = \"yes\" is not true or false; write one of them (whether).");
  CHECK(fault("on: [true]") == "on = a list is not a single value (whether).");
  CHECK(fault("whole: 012") ==
        "whole = 012 starts with a zero; write the number without it (a whole number).");
  CHECK(fault("whole: \"8\"") ==
        "whole = \"8\" is text in quotes; write it without them (a whole number).");
  CHECK(fault("whole: 1.0").find("is not a whole number") != std::string::npos);
  CHECK(fault("whole: 0x10").find("is not a whole number") != std::string::npos);
  CHECK(fault("whole: 99999999999999999999").find("is outside [-9223372036854775808, ") !=
        std::string::npos);
  CHECK(fault("whole:") == "whole = null has no value (a whole number).");
  CHECK(fault("seed: -1").find("is negative") != std::string::npos);
  for (const char* number :
       {".nan", "nan", "inf", ".inf", "-inf", "1e999", "0x1p3", "1_000", "half", "+1"})
    CHECK(fault(std::string("reserve: ") + number).find("is not a finite number") !=
          std::string::npos);
  for (const char* size :
       {"80", "80 gb", "80 G", "-80 GB", "GB", "80 GB GB", "1e3 GB", "9999999 PB"})
    CHECK(fault(std::string("size: ") + size).starts_with("size = "));
  CHECK(fault("size: 80 gb").find("write one such as 80 GB (10^9 bytes)") != std::string::npos);
  for (const char* time :
       {"5", "5 sec", "s", "1h30", "\"-\"", "1e3s", "300y", "9999999h", "1.s", ".5s"})
    CHECK(fault(std::string("period: ") + time).starts_with("period = "));
  CHECK(fault("period: -5s") == "period = -5s is below 0s (a period).");
  CHECK(fault("rate: 0/s") == "rate = 0/s is not above 0/s (a rate).");
  CHECK(fault("power: 700").find("has no unit; write a power such as 700 W") != std::string::npos);
  CHECK(fault("power: nan W").find("is not a power") != std::string::npos);
  CHECK(fault("power: {}") == "power = a mapping is not a single value (GPU power).");
  CHECK(fault("inner: 3") == "inner = 3 is not a mapping (a struct).");
  CHECK(fault("list: [1, 10]") == "list[1] = 10 is outside [0, 9] (numbers).");
  CHECK(fault("named: {a: {count: 11}}") == "named.a.count = 11 is outside [1, 10] (how many).");
}

TEST_CASE("a written config reads back as itself", "[core][config]") {
  Everything config;
  config.name = "012";
  config.reserve = 0.1;
  config.seed = 18446744073709551615u;
  config.whole = std::numeric_limits<std::int64_t>::min();
  config.list = {0.1, 3, 1e-9};
  config.named["a"] = {4, Duration{1}};
  for (const std::int64_t n : {0ll, 1ll, 999ll, 1000ll, 1024ll, 80'000'000'000ll, 85'899'345'920ll,
                               5'400'000'000'000ll, 9'223'372'036'854'775'807ll}) {
    config.period = Duration{n};
    config.size = Bytes{n};
    const auto x = static_cast<double>(n) * 1.1 + 1e-3;
    config.bandwidth = BytesPerSecond{x};
    config.compute = FlopPerSecond{x * 3};
    config.power = Watts{x / 7};
    config.price = UsdPerHour{x};
    config.rate = PerSecond{x};
    const std::string text = to_yaml(write_config(config));
    CHECK(read(text) == config);
  }
  CHECK(scalar_text(Duration{90'000'000'000}) == "90s");
  CHECK(scalar_text(Bytes{85'899'345'920}) == "80 GiB");
  CHECK(scalar_text(Bytes{80'000'000'000}) == "80 GB");
  CHECK(scalar_text(BytesPerSecond{3.35e12}) == "3.35 TB/s");
}

TEST_CASE("--set replaces and adds values, and faults name it", "[core][config]") {
  ConfigNode root = parse_yaml("name: x\ninner: {count: 1}\nlist: [1]\n", "a.yaml");
  set_path(root, "inner.count=8");
  set_path(root, "named.a.wait", "5ms", "--wait 5ms");
  set_path(root, "list", "[2, 3]", "--list");
  CHECK(read_config<Everything>(root).inner.count == 8);
  CHECK(read_config<Everything>(root).named.at("a").wait == Duration{5'000'000});
  CHECK(read_config<Everything>(root).list == std::vector<double>{2, 3});

  set_path(root, "inner.count=80");
  CHECK_THROWS_WITH(read_config<Everything>(root),
                    "--set inner.count=80: inner.count = 80 is outside [1, 10] (how many).");
  CHECK_THROWS_WITH(set_path(root, "name.first=1"),
                    "--set name.first=1: name is \"x\", so it has no \"first\".");
  CHECK_THROWS_WITH(set_path(root, "list.0=1"),
                    "--set list.0=1: list is a list, so it has no \"0\".");
  for (const char* wrong :
       {"inner.count", "=3", "a..b=3", "inner.count=", "inner=[", "inner.=1", "on=\t"})
    CHECK_THROWS_AS(set_path(root, wrong), ConfigError);
}

TEST_CASE("merging lays mappings over each other and replaces the rest", "[core][config]") {
  ConfigNode base = parse_yaml("a: {x: 1, u: 2}\nb: [1, 2]\nc: 3\n", "base.yaml");
  merge(base, parse_yaml("a: {u: 5, z: 6}\nb: [9]\nd: {}\n", "over.yaml"));
  CHECK(to_yaml(base) == "a:\n  x: 1\n  u: 5\n  z: 6\nb:\n  - 9\nc: 3\nd: {}\n");
  CHECK(position_of(base, "a.x").source == "base.yaml");
  CHECK(position_of(base, "a.u").source == "over.yaml");
}

TEST_CASE("the nearest name is a likely slip of the finger or nothing", "[core][config]") {
  const std::vector<std::string> known = {"best_fit", "first_fit", "spread"};
  CHECK(nearest_name("best_fitt", known) == "best_fit");
  CHECK(nearest_name("fisrt_fit", known) == "first_fit");
  CHECK(nearest_name("Spread", known) == "spread");
  CHECK(nearest_name("random", known).empty());
  CHECK(nearest_name("", known).empty());
  CHECK(unknown_name("policy", "best_fitt", known) ==
        "unknown policy \"best_fitt\". Did you mean \"best_fit\"? Known: best_fit, first_fit, "
        "spread.");
  CHECK(unknown_name("policy", "x", {}) == "unknown policy \"x\". None is known.");
}
