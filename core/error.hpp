// Errors that reach a user: what is wrong with the input (every fault, with its place), or what the machine refused.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace plimsoll {

/// Where a value stands. Lines and columns count from 1; 0 means that the source has none (a flag, a whole file).
struct Position {
  std::string source;  ///< a file's path as the user gave it, or "--set pools.chat.replicas=0"
  int line = 0;
  int column = 0;

  std::string text() const;  ///< "serving.yaml:14:16", or as much of it as is known
};

/// One fault of the input: where, and one sentence or two: what was found, what is allowed, what to do.
struct Fault {
  Position at;
  std::string message;

  std::string text() const;  ///< "serving.yaml:14:16: reserve = 1.5 is outside [0, 1]"
};

/// Wrong input, found before time zero. Carries all faults; `what()` is one line per fault.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<Fault> faults);
  ConfigError(Position at, std::string message);
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// The machine refused: a full disk, an unreadable file. `what()` names the file and the reason.
class IoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace plimsoll
