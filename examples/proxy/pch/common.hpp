// What most files of the program include, compiled once. Each file includes what it needs all the same:
// `./dev build` does without this one.
#ifndef VIADUCT_EXAMPLES_PROXY_PCH_COMMON_HPP
#define VIADUCT_EXAMPLES_PROXY_PCH_COMMON_HPP

#include <viaduct/policy/policy.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#endif
