#include "sim/id_table.hpp"

namespace plimsoll {

void IdTable::grow() {
  std::vector<Place> before(places_.size() * 2);
  before.swap(places_);
  --shift_;
  for (const Place& place : before) {
    if (place.value != kAbsent) places_[place_of(place.id)] = place;
  }
}

/// Closes the gap that the id leaves, so that no search stops short at it.
void IdTable::erase(std::uint32_t id) {
  const std::size_t mask = places_.size() - 1;
  std::size_t gap = place_of(id);
  for (std::size_t next = (gap + 1) & mask; places_[next].value != kAbsent;
       next = (next + 1) & mask) {
    const std::size_t wanted = home(places_[next].id);
    if (((next - wanted) & mask) < ((next - gap) & mask)) continue;  // the gap is before its home
    places_[gap] = places_[next];
    gap = next;
  }
  places_[gap] = {};
  --size_;
}

}  // namespace plimsoll
