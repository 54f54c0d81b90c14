// From ids of blocks to where something is kept of them: open addressing with linear probing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll {

class IdTable {
 public:
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFFu;

  /// What the id stands for; kAbsent when it is not there.
  std::uint32_t find(std::uint32_t id) const { return places_[place_of(id)].value; }
  /// The id is not there yet; `value` is not kAbsent.
  void insert(std::uint32_t id, std::uint32_t value) {
    if (++size_ * 2 > places_.size()) grow();
    places_[place_of(id)] = {id, value};
  }
  /// The id is there.
  void erase(std::uint32_t id);

 private:
  struct Place {
    std::uint32_t id = 0;
    std::uint32_t value = kAbsent;
  };

  std::size_t home(std::uint32_t id) const { return (id * 0x9E3779B1u) >> shift_; }
  /// Where the id is, or would be put.
  std::size_t place_of(std::uint32_t id) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t place = home(id);
    while (places_[place].value != kAbsent && places_[place].id != id) place = (place + 1) & mask;
    return place;
  }
  void grow();

  static constexpr int kFirstPlacesLog2 = 6;
  std::vector<Place> places_ = std::vector<Place>(std::size_t{1} << kFirstPlacesLog2);
  int shift_ = 32 - kFirstPlacesLog2;  ///< 32 - log2(places)
  std::size_t size_ = 0;
};

}  // namespace plimsoll
