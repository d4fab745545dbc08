#ifndef VIADUCT_DETAIL_CONFIG_HPP
#define VIADUCT_DETAIL_CONFIG_HPP

// Two macros choose how the library is built; both travel with the Meson dependency and the pkg-config file,
// so that one program cannot mix the modes by accident.
//
//   VIADUCT_SEPARATE_COMPILATION   the .ipp files are compiled once, in lib/viaduct.cpp
//   VIADUCT_BOOST_ASIO             the Asio in use is Boost's

#if defined(VIADUCT_SEPARATE_COMPILATION)
#define VIADUCT_DECL
#else
#define VIADUCT_HEADER_ONLY
#define VIADUCT_DECL inline
#endif

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#else
#include <system_error>
#endif

namespace viaduct {

#if defined(VIADUCT_BOOST_ASIO)
namespace error_types = boost::system;
#else
namespace error_types = std;
#endif

/// The error types of the Asio in use: `std::` for standalone Asio, `boost::system::` for Boost.Asio.
using error_types::error_category;
using error_types::error_code;
using error_types::error_condition;
using error_types::system_error;

} // namespace viaduct

#endif
