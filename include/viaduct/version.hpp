#ifndef VIADUCT_VERSION_HPP
#define VIADUCT_VERSION_HPP

#include <string_view>

// The one place that says which version this is: Meson and CMake read it here. What a version promises is in
// docs/versioning.md.

/// The version for `#if`, which knows no constants: 10000 * major + 100 * minor + patch.
#define VIADUCT_VERSION 100

namespace viaduct {

/// The version of these headers: `MAJOR.MINOR.PATCH`.
/** In the compiled mode, the library that a program is linked to may be a later patch of the same minor
 * version: see the soname. */
inline constexpr std::string_view version = "0.1.0";

inline constexpr int version_major = VIADUCT_VERSION / 10000;
inline constexpr int version_minor = VIADUCT_VERSION / 100 % 100;
inline constexpr int version_patch = VIADUCT_VERSION % 100;

} // namespace viaduct

#endif
