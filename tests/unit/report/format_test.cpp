// Numbers as text, at the edges where a unit or the number of figures changes.
#include "report/format.hpp"

#include "tests/catch.hpp"

using namespace plimsoll::report;

TEST_CASE("thousands are set apart", "[report]") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1,000");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(count_text(-1000) == "-1,000");
}

TEST_CASE("numbers have three figures", "[report]") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(0.01234) == "0.0123");
  CHECK(number_text(0.9999) == "1.00");
  CHECK(number_text(9.999) == "10.0");
  CHECK(number_text(99.99) == "100");
  CHECK(number_text(12345.6) == "12,346");
}

TEST_CASE("a share that is not all of it is not shown as 100 %", "[report]") {
  CHECK(share_text(1) == "100.0 %");
  CHECK(share_text(0.99999) == "99.999 %");
  CHECK(share_text(0.9999999) == "99.999 %");
  CHECK(share_text(0.5) == "50.0 %");
}

TEST_CASE("dollars have cents", "[report]") {
  CHECK(usd_text(1234.567) == "$1,234.57");
  CHECK(usd_text(0.999) == "$1.00");
  CHECK(usd_text(1.999) == "$2.00");
  CHECK(usd_text(0.0123) == "$0.0123");
}

TEST_CASE("latencies choose their unit, and intervals share it", "[report]") {
  CHECK(latency_text(0.1824) == "182 ms");
  CHECK(latency_text(0.99951) == "1.00 s");
  CHECK(latency_text(0.000041) == "41.0 us");
  const double low = 0.9;
  const double high = 1.1;
  CHECK(latency_interval_text(1.0, &low, &high) == "1.00 s [0.9, 1.10]");
  CHECK(latency_interval_text(1.0, &low, nullptr) == "1.00 s [0.9, ..]");
  CHECK(latency_interval_text(1.0, nullptr, nullptr) == "1.00 s");
}

TEST_CASE("durations are in hours, minutes and seconds", "[report]") {
  CHECK(duration_text(1.5) == "1.50 s");
  CHECK(duration_text(60) == "1 min 0 s");
  CHECK(duration_text(3599.9) == "1 h 0 min 0 s");
  CHECK(duration_text(90061) == "25 h 1 min 1 s");
}

TEST_CASE("times of jobs are in seconds, minutes, hours or days", "[report]") {
  CHECK(long_time_text(0) == "0 s");
  CHECK(long_time_text(90) == "90.0 s");
  CHECK(long_time_text(1800) == "30.0 min");
  CHECK(long_time_text(9000) == "2.50 h");
  CHECK(long_time_text(864000) == "10.0 d");
  const double low = 7200;
  CHECK(long_time_interval_text(9000, &low, nullptr) == "2.50 h [2.00, ..]");
  const double near = 0.5;
  CHECK(long_time_interval_text(1, &near, &low) == "1.00 s [0.5, 2.00 h]");
  CHECK(long_time_interval_text(1, nullptr, &low) == "1.00 s [.., 2.00 h]");
}
