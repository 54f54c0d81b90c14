// M/M/c: Poisson arrivals, one first-come-first-served queue, c exponential servers. Closed forms are in its tests.
#pragma once

#include <cstdint>
#include <vector>

#include "core/exponential.hpp"
#include "core/random_stream.hpp"
#include "sim/kernel/context.hpp"
#include "sim/kernel/partition.hpp"

namespace plimsoll {

struct QueueingSetup {
  std::uint32_t servers = 1;
  Duration mean_gap = from_seconds(1.0 / 0.9);  ///< between arrivals
  Duration mean_service = from_seconds(1.0);
  std::uint64_t customers = 0;  ///< arrivals end after these
  RandomStream stream{0, "queue", "customers"};
};

struct Customer {
  SimTime arrived{};
  Duration service{};
};

/// The end of a service; carries when its customer came.
struct Served {
  SimTime arrived{};
};

class Station {
 public:
  using Events = EventList<Served>;
  explicit Station(std::uint32_t servers) : free_(servers), waiting_(1024) {}

  void arrive(Customer customer, Context<Station>& context) {
    ++arrived_;
    if (free_ > 0) {
      --free_;
      serve(customer, context);
      return;
    }
    ++waited_;
    if (tail_ - head_ == waiting_.size()) grow();
    waiting_[tail_++ & (waiting_.size() - 1)] = customer;
  }

  void on(Served served, Context<Station>& context) {
    sojourn_ += context.now() - served.arrived;
    ++served_;
    if (head_ == tail_) {
      ++free_;
    } else {
      serve(waiting_[head_++ & (waiting_.size() - 1)], context);
    }
  }

  std::uint64_t arrived() const { return arrived_; }
  std::uint64_t served() const { return served_; }
  std::uint64_t waited() const { return waited_; }  ///< customers who found all servers busy
  Duration sojourn() const { return sojourn_; }     ///< summed over those served

 private:
  static void serve(Customer customer, Context<Station>& context) {
    context.wake(context.now() + customer.service, Served{customer.arrived});
  }
  void grow() {
    std::vector<Customer> larger(2 * waiting_.size());
    for (std::uint64_t i = head_; i < tail_; ++i) {
      larger[i & (larger.size() - 1)] = waiting_[i & (waiting_.size() - 1)];
    }
    waiting_.swap(larger);
  }

  std::uint32_t free_;
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::vector<Customer> waiting_;  ///< a ring; its size is a power of two
  std::uint64_t arrived_ = 0;
  std::uint64_t served_ = 0;
  std::uint64_t waited_ = 0;
  Duration sojourn_{};
};

/// The station and its arrivals, which are drawn one ahead and never enter the event set.
class QueueingWorld {
 public:
  explicit QueueingWorld(const QueueingSetup& setup)
      : setup_(setup), station_{Station(setup.servers), 1} {
    draw();
  }

  OrderKey next_external() const { return next_; }
  void external(Outbox& outbox) {
    Context<Station> context(next_.at(), station_, outbox);
    station_.entity.arrive({next_.at(), service_}, context);
    ++arrived_;
    draw();
  }
  void handle(const Event& event, Outbox& outbox) { deliver(station_, event, outbox); }
  static std::uint32_t partition_of(const Event&) { return 0; }

  const Station& station() const { return station_.entity; }

 private:
  static constexpr std::uint32_t kArrivals = 0;  ///< the id of their source

  void draw() {
    if (arrived_ == setup_.customers) {
      next_ = kNoKey;
      return;
    }
    const auto [gap, service] = setup_.stream.block(arrived_);
    at_ += exponential(setup_.mean_gap, gap);
    service_ = exponential(setup_.mean_service, service);
    next_ = order_key(at_, EventClass::message, kArrivals, arrived_);
  }

  QueueingSetup setup_;
  Slot<Station> station_;
  std::uint64_t arrived_ = 0;
  SimTime at_{};
  Duration service_{};
  OrderKey next_ = kNoKey;
};

}  // namespace plimsoll
