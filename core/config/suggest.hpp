// What a misspelt name was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// The nearest of `known` by edit distance (insert, delete, change, swap neighbours; case counts half), ties to the
/// earlier one; empty when none is near enough to be a likely slip.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// `unknown policy "best_fitt". Did you mean "best_fit"? Known: best_fit, first_fit, spread.`
std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known);

}  // namespace plimsoll
