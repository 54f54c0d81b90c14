// Prefill and decode replicas written for clarity, to test the production pool against: one global list of closures,
// every iteration an event of its own, nothing shared with sim/.
//
// 1. A request goes to prefill replica i mod P, after the dispatch latency. Prefill replicas serve first come, first
//    served, in steps of at most the token budget; a prompt in part done that finds no block gives up all it has and
//    goes to the front of the queue. The step that completes a prompt makes the first token. An answer of one token
//    ends there; otherwise the blocks stay, and the gateway hears of it after the response latency.
// 2. The gateway sends it to the decode replica with the fewest requests whose last token it has not seen (the first
//    of those), after the dispatch latency.
// 3. A decode replica, at the start of a step: received requests join the batch while there are seats, unless a prompt
//    is in part recomputed, and stream their first token; each decoding sequence takes a block if it needs one, the
//    last of the batch loses all it has (and goes to the front of the queue) where there is none; the prompt in part
//    recomputed goes on; if nobody lost anything, queued requests are recomputed, and once none is queued, those whose
//    KV cache is elsewhere take blocks for their prompts, in order, and ask for it. If the last of the batch lost all,
//    this begins anew.
// 4. A KV cache takes the link's latency less 1 ns until its bytes flow, then flows at the lesser of an equal share of
//    what leaves its prefill replica and of what enters its decode replica; 1 ns after its end both replicas know.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "tests/oracle/disaggregated_limits.hpp"

namespace plimsoll::oracle {

class ReferenceDisaggregation {
 public:
  ReferenceDisaggregation(const StepTimeModel& model, const DisaggregatedLimits& limits)
      : model_(model), limits_(limits) {
    for (std::uint32_t i = 0; i < limits.prefill_replicas + limits.decode_replicas; ++i) {
      Server server;
      server.id = i;
      server.decodes = i >= limits.prefill_replicas;
      server.limits = server.decodes ? limits.decode : limits.prefill;
      servers_.push_back(server);
    }
    in_decode_.assign(limits.decode_replicas, 0);
  }

  std::vector<DisaggregatedOutcome> serve(const std::vector<Arrival>& arrivals) {
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      Request request;
      request.prompt = arrivals[i].prompt_tokens;
      request.output = arrivals[i].output_tokens;
      requests_.push_back(request);
      const std::size_t first = i % limits_.prefill_replicas;
      at(to_ns(arrivals[i].at) + limits_.dispatch_ns, kMessage, kGateway, i, [this, i, first] {
        servers_[first].waiting.push_back(i);
        wake(servers_[first]);
      });
    }
    while (!list_.empty()) {
      const auto next = list_.begin();
      now_ = std::get<0>(next->first);
      const std::function<void()> act = next->second;
      list_.erase(next);
      act();
    }
    std::vector<DisaggregatedOutcome> outcomes;
    for (const Request& request : requests_) outcomes.push_back(request.outcome);
    for (const Server& server : servers_) {
      PLIMSOLL_ASSERT(server.used == 0, "replica {} ends with {} blocks", server.id, server.used);
    }
    return outcomes;
  }

 private:
  static constexpr int kMessage = 1;
  static constexpr int kCompletion = 2;
  static constexpr std::uint32_t kGateway = 0;
  static constexpr std::uint32_t kNetwork = 1'000'000;
  using Key = std::tuple<std::int64_t, int, std::uint32_t, std::uint64_t>;

  struct Request {
    std::int32_t prompt = 0;
    std::int32_t output = 0;
    std::int32_t generated = 0;
    std::int32_t computed = 0;
    std::int32_t target = 0;  ///< tokens to compute before the next one comes out
    std::int64_t blocks = 0;
    std::uint32_t prefiller = 0;
    std::int64_t began_ns = 0;
    DisaggregatedOutcome outcome;
  };
  struct Server {
    std::uint32_t id = 0;
    bool decodes = false;
    ReplicaLimits limits;
    bool awake = false;
    Ticks fraction = 0;
    std::int64_t used = 0;
    std::deque<std::size_t> waiting;
    std::vector<std::size_t> running;
    std::deque<std::size_t> incoming;
    std::deque<std::size_t> received;
    std::uint64_t sent = 0;
  };
  struct Share {
    std::size_t request;
    std::int32_t tokens;
  };
  struct Flow {
    std::size_t request;
    double left;
    std::int64_t since;
    double rate;
    std::int64_t end;
  };

  void at(std::int64_t time, int cls, std::uint32_t source, std::uint64_t sequence,
          std::function<void()> act) {
    list_.emplace(Key{time, cls, source, sequence}, std::move(act));
  }
  void send(Server& from, std::int64_t time, std::function<void()> act) {
    at(time, kMessage, 1 + from.id, from.sent++, std::move(act));
  }

  void wake(Server& server) {
    if (server.awake) return;
    server.awake = true;
    server.fraction = 0;
    at(now_, kCompletion, 1 + server.id, server.sent++, [this, &server] { step(server); });
  }

  std::int64_t blocks_for(const Server& server, std::int64_t tokens) const {
    return (tokens + server.limits.block_size - 1) / server.limits.block_size;
  }
  bool allocate(Server& server, Request& request, std::int64_t tokens) {
    const std::int64_t missing = blocks_for(server, tokens) - request.blocks;
    if (missing > server.limits.kv_blocks - server.used) return false;
    server.used += missing;
    request.blocks += missing;
    return true;
  }
  void free_blocks(Server& server, Request& request) {
    server.used -= request.blocks;
    request.blocks = 0;
  }

  void preempt_last(Server& server) {
    const std::size_t victim = server.running.back();
    server.running.pop_back();
    Request& request = requests_[victim];
    free_blocks(server, request);
    request.computed = 0;
    request.target = request.prompt + request.generated;
    ++request.outcome.preemptions;
    server.waiting.push_front(victim);
  }

  bool prefilling(std::size_t id) const { return requests_[id].computed < requests_[id].target; }

  void join_received(Server& server) {
    const bool in_part = std::any_of(server.running.begin(), server.running.end(),
                                     [this](std::size_t id) { return prefilling(id); });
    while (!in_part && !server.received.empty() &&
           static_cast<std::int32_t>(server.running.size()) < server.limits.max_num_seqs) {
      const std::size_t id = server.received.front();
      server.received.pop_front();
      server.running.push_back(id);
      requests_[id].computed = requests_[id].target = requests_[id].prompt;
      requests_[id].outcome.first_token_ns = now_ + limits_.response_ns;
    }
  }

  /// False when somebody was preempted.
  bool serve_running(Server& server, std::vector<Share>& shares, std::int32_t& budget) {
    bool all = true;
    for (std::size_t seat = 0; seat < server.running.size() && budget > 0; ++seat) {
      const std::size_t id = server.running[seat];
      Request& request = requests_[id];
      const std::int32_t wanted = prefilling(id) ? request.target - request.computed : 1;
      const std::int32_t tokens = std::min(wanted, budget);
      while (!allocate(server, request, request.computed + tokens)) {
        const bool itself = server.running.back() == id;
        preempt_last(server);
        all = false;
        if (itself) return false;
      }
      shares.push_back({id, tokens});
      budget -= tokens;
    }
    return all;
  }

  void admit(Server& server, std::vector<Share>& shares, std::int32_t& budget) {
    while (!server.waiting.empty() && budget > 0 &&
           static_cast<std::int32_t>(server.running.size()) < server.limits.max_num_seqs) {
      const std::size_t id = server.waiting.front();
      Request& request = requests_[id];
      if (request.target == 0) request.target = request.prompt;
      const std::int32_t tokens = std::min(request.target, budget);
      if (!allocate(server, request, tokens)) return;
      request.began_ns = now_;
      server.waiting.pop_front();
      server.running.push_back(id);
      shares.push_back({id, tokens});
      budget -= tokens;
    }
  }

  void ask(Server& server) {
    while (server.waiting.empty() && !server.incoming.empty()) {
      const std::size_t id = server.incoming.front();
      if (!allocate(server, requests_[id], requests_[id].prompt)) return;
      server.incoming.pop_front();
      requests_[id].outcome.asked_ns = now_;
      send(server, now_ + to_ns(limits_.link.latency) - 1, [this, id] { begin_flow(id); });
    }
  }

  void step(Server& server) {
    std::vector<Share> shares;
    for (bool again = true; again;) {
      shares.clear();
      join_received(server);
      std::int32_t budget = server.limits.max_num_batched_tokens;
      const bool all = serve_running(server, shares, budget);
      if (all) admit(server, shares, budget);
      if (all) ask(server);
      again = server.running.empty() && !all;
    }
    server.awake = !server.running.empty();
    if (!server.awake) return;
    const Ticks end = server.fraction + duration(shares);
    server.fraction = end & (kTicksPerNanosecond - 1);
    at(now_ + (end >> kTickBits), kCompletion, 1 + server.id, server.sent++,
       [this, &server, shares] {
         finish(server, shares);
         step(server);
       });
  }

  Ticks duration(const std::vector<Share>& shares) const {
    std::vector<PrefillChunk> prefill;
    std::int32_t decoding = 0;
    std::int64_t context = 0;
    std::int32_t sampled = 0;
    for (const Share& share : shares) {
      const Request& request = requests_[share.request];
      if (request.computed < request.target) {
        prefill.push_back({share.tokens, request.computed});
        sampled += request.computed + share.tokens == request.target;
      } else {
        ++decoding;
        ++sampled;
        context += request.computed + 1;
      }
    }
    if (prefill.empty()) return model_.decode(decoding, context).at(context);
    return model_.mixed({prefill, decoding, context, sampled});
  }

  void finish(Server& server, const std::vector<Share>& shares) {
    for (const Share& share : shares) {
      Request& request = requests_[share.request];
      request.computed += share.tokens;
      if (prefilling(share.request)) continue;
      ++request.generated;
      const bool done = request.generated == request.output;
      if (!done && server.decodes) continue;
      std::erase(server.running, share.request);
      if (done) {
        end_request(server, request);
      } else {
        hand_over(server, share.request);
      }
    }
  }

  void end_request(Server& server, Request& request) {
    free_blocks(server, request);
    const std::int64_t seen = now_ + limits_.response_ns;
    if (!server.decodes) request.outcome.first_token_ns = seen;
    request.outcome.finish_ns = seen;
    if (!server.decodes) return;
    const std::size_t row = server.id - limits_.prefill_replicas;
    send(server, seen, [this, row] { --in_decode_[row]; });
  }

  void hand_over(Server& server, std::size_t id) {
    requests_[id].prefiller = server.id;
    requests_[id].outcome.prefilled_ns = now_;
    send(server, now_ + limits_.response_ns, [this, id] { choose_decoder(id); });
  }

  void choose_decoder(std::size_t id) {
    std::size_t best = 0;
    for (std::size_t row = 1; row < in_decode_.size(); ++row) {
      if (in_decode_[row] < in_decode_[best]) best = row;
    }
    ++in_decode_[best];
    Request& request = requests_[id];
    Server& server = servers_[limits_.prefill_replicas + best];
    request.outcome.decode_replica = server.id;
    held_[id] = request.blocks;
    request.blocks = 0;  // from now on: those of the decode replica
    at(now_ + limits_.dispatch_ns, kMessage, kGateway, 1'000'000 + handed_over_++,
       [this, id, &server] {
         server.incoming.push_back(id);
         wake(server);
       });
  }

  // ---- The network: looked at whole whenever a flow begins or ends.

  std::pair<int, int> flows_beside(const Flow& flow) const {
    const Request& own = requests_[flow.request];
    int leaving = 0;
    int entering = 0;
    for (const Flow& other : flows_) {
      leaving += requests_[other.request].prefiller == own.prefiller;
      entering += requests_[other.request].outcome.decode_replica == own.outcome.decode_replica;
    }
    return {leaving, entering};
  }

  void begin_flow(std::size_t id) {
    const Request& request = requests_[id];
    const Duration prefill{request.outcome.prefilled_ns - request.began_ns};
    const Bytes bytes = limits_.link.left_after(request.prompt, prefill);
    flows_.push_back({id, static_cast<double>(bytes.count()), now_, 0, 0});
    share();
  }

  void share() {
    std::int64_t first = -1;
    for (Flow& flow : flows_) {
      const auto [leaving, entering] = flows_beside(flow);
      const double rate = limits_.link.bandwidth.count() / std::max(leaving, entering);
      if (rate != flow.rate) {
        flow.left =
            std::max(0.0, flow.left - flow.rate * (static_cast<double>(now_ - flow.since) * 1e-9));
        flow.since = now_;
        flow.rate = rate;
        flow.end = now_ + static_cast<std::int64_t>(std::ceil(flow.left / rate * 1e9));
      }
      if (first < 0 || flow.end < first) first = flow.end;
    }
    const std::uint64_t plan = ++plans_;
    if (first < 0) return;
    at(first, kCompletion, kNetwork, plan, [this, plan] {
      if (plan == plans_) end_flows();
    });
  }

  void end_flows() {
    std::vector<std::size_t> ended;
    for (const Flow& flow : flows_) {
      if (flow.end == now_) ended.push_back(flow.request);
    }
    std::erase_if(flows_, [this](const Flow& flow) { return flow.end == now_; });
    for (const std::size_t id : ended) {
      at(now_ + 1, kMessage, kNetwork, network_sent_++, [this, id] { receive(id); });
    }
    share();
  }

  void receive(std::size_t id) {
    Request& request = requests_[id];
    Server& prefiller = servers_[request.prefiller];
    prefiller.used -= held_.at(id);
    if (!prefiller.waiting.empty()) wake(prefiller);
    request.outcome.received_ns = now_;
    Server& server = servers_[request.outcome.decode_replica];
    server.received.push_back(id);
    wake(server);
  }

  const StepTimeModel& model_;
  DisaggregatedLimits limits_;
  std::vector<Request> requests_;
  std::vector<Server> servers_;
  std::vector<std::int64_t> in_decode_;
  std::map<std::size_t, std::int64_t> held_;  ///< request: blocks on its prefill replica
  std::vector<Flow> flows_;
  std::uint64_t plans_ = 0;
  std::uint64_t network_sent_ = 0;
  std::uint64_t handed_over_ = 0;
  std::int64_t now_ = 0;
  std::map<Key, std::function<void()>> list_;
};

}  // namespace plimsoll::oracle
