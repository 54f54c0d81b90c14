// A table of a ClusterView: named rows, a version, and a bounded log of which rows changed.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll {

/// A plain value: a copy is a copy. Nobody subscribes; a reader keeps an index of its own and brings it up to date
/// with `changes_since`.
template <class Row>
class ViewTable {
 public:
  ViewTable() = default;
  /// One default row per name. Where rows are in the order of names, "ties break by name" is "the lowest row wins".
  explicit ViewTable(std::vector<std::string> names)
      : names_(std::move(names)),
        rows_(names_.size()),
        log_(std::bit_ceil(2 * names_.size() + 16)),
        log_mask_(log_.size() - 1) {}

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Row>& rows() const { return rows_; }
  const Row& row(std::uint32_t row) const { return rows_[row]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }

  /// Replaces one row. Owners call it; policies hold a const view.
  void set(std::uint32_t row, const Row& value) {
    rows_[row] = value;
    note(row);
  }
  void set(std::uint32_t row, Row&& value) {
    rows_[row] = std::move(value);
    note(row);
  }

  /// Changes one row in place: `change(Row&)`.
  template <class Change>
  void update(std::uint32_t row, Change&& change) {
    change(rows_[row]);
    note(row);
  }

  /// Appends a row, which counts as changed, and returns its number. The log grows with the table.
  std::uint32_t add(std::string name, Row value) {
    const std::uint32_t row = size();
    names_.push_back(std::move(name));
    rows_.push_back(std::move(value));
    if (log_.size() < 2 * rows_.size() + 16) grow_log();
    note(row);
    return row;
  }

  /// The number of changes so far.
  std::uint64_t version() const { return version_; }

  /// Calls `visit(row)` for each change after `version`, oldest first (a row may come twice), and returns true; or
  /// returns false when the log no longer reaches back that far: then every row may have changed.
  template <class Visit>
  bool changes_since(std::uint64_t version, Visit&& visit) const {
    if (version < first_in_log_ || version_ - version > log_.size()) return false;
    for (; version != version_; ++version) visit(log_[version & log_mask_]);
    return true;
  }

 private:
  void note(std::uint32_t row) { log_[version_++ & log_mask_] = row; }

  void grow_log() {
    std::vector<std::uint32_t> longer(std::bit_ceil(4 * rows_.size() + 16));
    const std::uint64_t kept = version_ < log_.size() ? version_ : log_.size();
    for (std::uint64_t at = version_ - kept; at != version_; ++at) {
      longer[at & (longer.size() - 1)] = log_[at & log_mask_];
    }
    first_in_log_ = version_ - kept;
    log_ = std::move(longer);
    log_mask_ = log_.size() - 1;
  }

  std::vector<std::string> names_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> log_;  ///< a ring; its size is a power of two
  std::uint64_t log_mask_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t first_in_log_ = 0;  ///< changes before it were lost when the log grew
};

}  // namespace plimsoll
