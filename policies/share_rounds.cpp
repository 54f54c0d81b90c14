#include "policies/share_rounds.hpp"

#include <algorithm>
#include <tuple>

namespace plimsoll {

bool ShareRounds::begin(const ClusterView& view, SimTime now) {
  if (gpus_.empty()) {
    gpus_ = gpus_by_kind(view.facts());
    order_ = KindOrder(gpus_.size());
  }
  settle(view, now);
  follow(view);
  last_ = now;
  return changed_ && (never_ || now - found_at_ >= settings_.least_between);
}

void ShareRounds::settle(const ClusterView& view, SimTime now) {
  for (const std::uint32_t id : active_) {
    const JobView& job = view.jobs().row(id);
    if (job.phase == JobPhase::running)
      accounts_[id][kind_of(view, job)].received_s += to_seconds(now - last_);
  }
}

void ShareRounds::follow(const ClusterView& view) {
  const std::size_t gone = std::erase_if(
      active_, [&](std::uint32_t job) { return view.jobs().row(job).phase == JobPhase::finished; });
  changed_ = changed_ || gone > 0 || seen_ < view.jobs().size();
  accounts_.resize(view.jobs().size());
  for (; seen_ < view.jobs().size(); ++seen_) {
    order_.see(view.jobs().row(seen_));
    if (view.jobs().row(seen_).phase != JobPhase::finished) active_.push_back(seen_);
  }
}

void ShareRounds::share_out(SimTime now, const Shares& shares) {
  const double elapsed_s = to_seconds(now - found_at_);
  const double start_s = to_seconds(settings_.round) / 2;
  for (std::size_t i = 0; i < active_.size(); ++i) {
    std::vector<Account>& accounts = accounts_[active_[i]];
    accounts.resize(gpus_.size());
    for (std::size_t k = 0; k < gpus_.size(); ++k) {
      Account& account = accounts[k];
      account.deficit_s += account.share * elapsed_s - std::max(0.0, account.received_s - start_s);
      account.share = shares[i][k];
      account.received_s = start_s;
    }
  }
  found_at_ = now;
  never_ = changed_ = false;
}

SimTime ShareRounds::next_sharing(SimTime now) const {
  return changed_ ? std::max(now + settings_.round, found_at_ + settings_.least_between) : kNever;
}

std::vector<std::size_t> ShareRounds::order_of_kinds(SimTime now) const {
  if (settings_.fastest_first) return order_.fastest_first();
  std::vector<std::pair<double, std::size_t>> drawn;
  for (std::size_t k = 0; k < gpus_.size(); ++k)
    drawn.emplace_back(draws_.uniform(static_cast<std::uint64_t>(to_ns(now)), k), k);
  std::sort(drawn.begin(), drawn.end());
  std::vector<std::size_t> order;
  for (const auto& [draw, kind] : drawn) order.push_back(kind);
  return order;
}

/// Kind by kind, on each those first that have received the least of their share.
std::vector<ShareRounds::Claim> ShareRounds::claims(const ClusterView& view, SimTime now) const {
  std::vector<Claim> all;
  for (const std::size_t k : order_of_kinds(now)) {
    const auto first = static_cast<std::ptrdiff_t>(all.size());
    for (const std::uint32_t job : active_) {
      if (reported_speed(view.jobs().row(job), k) <= 0) continue;
      const Account account = waits_for_shares(job) ? Account{} : accounts_[job][k];
      if (settings_.only_owed && account.share <= 0) continue;
      const double priority = account.share > 0 ? account.share / account.received_s : 0;
      all.push_back({priority, account.deficit_s, account.share, job, k});
    }
    std::stable_sort(all.begin() + first, all.end(), [](const Claim& a, const Claim& b) {
      return std::tie(a.priority, a.deficit_s, a.share) >
             std::tie(b.priority, b.deficit_s, b.share);
    });
  }
  return all;
}

/// Who runs where, as far as GPUs go. Who may not be evicted stays.
std::vector<ShareRounds::Claim> ShareRounds::choose(const ClusterView& view, SimTime now) const {
  std::vector<double> left = gpus_;
  std::vector<bool> met(view.jobs().size(), false);
  std::vector<Claim> chosen;
  for (const std::uint32_t id : active_) {
    const JobView& job = view.jobs().row(id);
    if (job.preemptible || job.phase != JobPhase::running) continue;
    met[id] = true;
    const std::size_t kind = kind_of(view, job);
    left[kind] -= job.held_gpus();
    chosen.push_back({0, 0, 0, id, kind});
  }
  for (const Claim& claim : claims(view, now)) {
    const std::int32_t gpus = view.jobs().row(claim.job).gpus();
    if (met[claim.job] || gpus > left[claim.kind]) continue;
    met[claim.job] = true;
    left[claim.kind] -= gpus;
    if (!waits_for_shares(claim.job)) chosen.push_back(claim);
  }
  return chosen;
}

void ShareRounds::decide(SchedulingCycle& cycle) const {
  const ClusterView& view = cycle.view();
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  const std::vector<Claim> chosen = choose(view, cycle.now());
  std::vector<std::size_t> kinds(view.jobs().size(), kNone);
  for (const Claim& claim : chosen) kinds[claim.job] = claim.kind;
  for (const std::uint32_t id : active_) {
    const JobView& job = view.jobs().row(id);
    if (job.phase == JobPhase::running && kind_of(view, job) != kinds[id]) cycle.evict(id);
    if (kinds[id] == kNone) cycle.not_now(id, {Reason::not_selected});
  }
  std::vector<std::uint32_t> first(gpus_.size(), 0);
  for (const Claim& claim : chosen) {
    const JobView& job = view.jobs().row(claim.job);
    if (job.phase == JobPhase::running) continue;
    Placement placement = place_on_kind(view, job, claim.kind, first[claim.kind]);
    if (placement.placed()) {
      cycle.start(claim.job, std::move(placement));
    } else {
      cycle.not_now(claim.job, placement.why_not);
    }
  }
}

}  // namespace plimsoll
