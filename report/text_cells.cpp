#include "report/text_cells.hpp"

#include <algorithm>
#include <cctype>

namespace plimsoll::report {

std::string printable(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, '?');
  return text;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kColumns = 99;
  std::string lines;
  std::size_t begin = 0;  // of the current line
  while (!text.empty()) {
    std::size_t length = text.size();
    const std::size_t room = kColumns - (lines.size() - begin);
    if (length > room) {
      const std::size_t space = text.rfind(' ', room);
      const std::size_t first = text.find_first_not_of(' ');  // an indent is no place to break
      length = space != std::string_view::npos && space > first ? space : room;
    }
    lines += text.substr(0, length);
    text.remove_prefix(length);
    if (text.empty()) break;
    if (text.front() == ' ') text.remove_prefix(1);
    lines += '\n';
    begin = lines.size();
    lines.append(indent, ' ');
  }
  return lines;
}

}  // namespace plimsoll::report
