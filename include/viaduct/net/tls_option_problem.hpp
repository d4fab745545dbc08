#ifndef VIADUCT_NET_TLS_OPTION_PROBLEM_HPP
#define VIADUCT_NET_TLS_OPTION_PROBLEM_HPP

#include <string>

namespace viaduct {

/// What was wrong with the options of TLS: for a message that names it.
struct tls_option_problem
{
    std::string what{};   ///< The file or the value.
    std::string detail{}; ///< OpenSSL's words.
};

} // namespace viaduct

#endif
