#include "results/table_file.hpp"

namespace plimsoll {

void write_texts(hdf5::Writer& file, const std::string& name, std::span<const std::string> texts) {
  std::string lines;
  for (const std::string& text : texts) {
    for (const char c : text) {
      if (c == '\\') {
        lines += "\\\\";
      } else if (c == '\n') {
        lines += "\\n";
      } else if (c == '\0') {
        lines += "\\0";
      } else {
        lines += c;
      }
    }
    lines += '\n';
  }
  file.text(name, lines);
}

std::vector<std::string> read_texts(const hdf5::Reader& file, const std::string& name) {
  const std::string lines = file.text(name);
  std::vector<std::string> texts;
  std::string text;
  for (auto c = lines.begin(); c != lines.end(); ++c) {
    if (*c == '\n') {
      texts.push_back(std::move(text));
      text.clear();
    } else if (*c != '\\') {
      text += *c;
    } else if (++c == lines.end() || std::string_view("\\n0").find(*c) == std::string_view::npos) {
      file.refuse(name + " has an unknown escape");
    } else {
      text += *c == 'n' ? '\n' : *c == '0' ? '\0' : '\\';
    }
  }
  if (!text.empty()) file.refuse(name + " ends within a line");
  return texts;
}

}  // namespace plimsoll
