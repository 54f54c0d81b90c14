// Tables and lists of texts in a run's file, through results/hdf5.hpp: a group with one dataset per column, and one
// text with a line per entry.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/hdf5.hpp"

namespace plimsoll {

/// Applies `act` to the rows chunk by chunk.
template <class Row, class Act>
void for_each_piece(std::span<Row> rows, Act&& act) {
  for (std::size_t first = 0; first < rows.size(); first += hdf5::kChunkRows)
    act(rows.subspan(first, std::min<std::size_t>(hdf5::kChunkRows, rows.size() - first)));
}

template <class Row, class... Column>
void write_table(hdf5::Writer& file, const std::string& group, std::span<const Row> rows,
                 const std::tuple<Column...>& columns) {
  file.group(group);
  std::vector<hdf5::Dataset> sets;
  sets.reserve(sizeof...(Column));
  const auto make = [&](const auto& column) {
    using Stored = typename std::remove_cvref_t<decltype(column)>::Stored;
    const std::string name = fmt::format("{}/{}", group, column.name);
    sets.push_back(file.column(name, hdf5::type_of<Stored>(), rows.size()));
    file.attribute(name, "unit", column.unit);
    file.attribute(name, "description", column.description);
  };
  std::apply([&](const auto&... column) { (make(column), ...); }, columns);

  std::vector<std::byte> buffer(std::min<std::size_t>(rows.size(), hdf5::kChunkRows) * 8);
  const auto write = [&](hdf5::Dataset& set, std::span<const Row> piece, const auto& column) {
    using Stored = typename std::remove_cvref_t<decltype(column)>::Stored;
    static_assert(sizeof(Stored) <= 8);
    auto* values = reinterpret_cast<Stored*>(buffer.data());
    for (std::size_t i = 0; i < piece.size(); ++i) values[i] = column.get(piece[i]);
    set.write(static_cast<std::uint64_t>(piece.data() - rows.data()), piece.size(), values);
  };
  for_each_piece(rows, [&](std::span<const Row> piece) {
    auto set = sets.begin();
    std::apply([&](const auto&... column) { (write(*set++, piece, column), ...); }, columns);
  });
  for (hdf5::Dataset& set : sets) set.close();
}

template <class Row, class... Column>
std::vector<Row> read_table(const hdf5::Reader& file, const std::string& group,
                            const std::tuple<Column...>& columns) {
  const auto name_of = [&](const auto& column) { return fmt::format("{}/{}", group, column.name); };
  std::vector<Row> rows(file.rows(name_of(std::get<0>(columns))));
  const auto require_rows = [&](const std::string& name) {
    if (file.rows(name) != rows.size())
      file.refuse(name + " has another number of rows than its table");
  };
  std::apply([&](const auto&... column) { (require_rows(name_of(column)), ...); }, columns);

  std::vector<std::byte> buffer(std::min<std::size_t>(rows.size(), hdf5::kChunkRows) * 8);
  const auto read = [&](std::span<Row> piece, const auto& column) {
    using Stored = typename std::remove_cvref_t<decltype(column)>::Stored;
    auto* values = reinterpret_cast<Stored*>(buffer.data());
    file.read(name_of(column), hdf5::type_of<Stored>(),
              static_cast<std::uint64_t>(piece.data() - rows.data()), piece.size(), values);
    for (std::size_t i = 0; i < piece.size(); ++i) column.set(piece[i], values[i]);
  };
  for_each_piece(std::span<Row>(rows), [&](std::span<Row> piece) {
    std::apply([&](const auto&... column) { (read(piece, column), ...); }, columns);
  });
  return rows;
}

/// One line per text, each ended by a line feed; within a text, backslash, line feed and NUL are "\\", "\n" and "\0".
void write_texts(hdf5::Writer& file, const std::string& name, std::span<const std::string> texts);
std::vector<std::string> read_texts(const hdf5::Reader& file, const std::string& name);

}  // namespace plimsoll
