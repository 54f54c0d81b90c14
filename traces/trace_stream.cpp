#include "traces/trace_stream.hpp"

#include <algorithm>
#include <utility>

#include "traces/trace_reader.hpp"

namespace plimsoll {

TraceStream::TraceStream(std::shared_ptr<const std::vector<Arrival>> arrivals,
                         std::shared_ptr<const PrefixBlocks> prefixes)
    : arrivals_(std::move(arrivals)), prefixes_(std::move(prefixes)) {}

void TraceStream::next(std::vector<Arrival>& block) {
  const std::size_t end = std::min(next_ + kArrivalBlock, arrivals_->size());
  const auto first = arrivals_->begin();
  block.assign(first + static_cast<std::ptrdiff_t>(next_),
               first + static_cast<std::ptrdiff_t>(end));
  next_ = end;
}

SimTime TraceStream::expected_end() const {
  return arrivals_->empty() ? SimTime{} : arrivals_->back().at;
}

std::unique_ptr<ArrivalStream> TraceStream::clone() const {
  return std::make_unique<TraceStream>(*this);
}

}  // namespace plimsoll
