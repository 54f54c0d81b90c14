// Text on its way to a file, through zstd where the file's name asks for it (".zst").
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace plimsoll {

/// The file appears under its name whole, by `commit`, or not at all. Throws IoError, and then leaves no file of its
/// own behind.
class TextSink {
 public:
  explicit TextSink(const std::string& path);
  ~TextSink();
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
