#ifndef VIADUCT_EXAMPLES_PROXY_LOG_FORMATS_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_FORMATS_HPP

#include "log_line.hpp"
#include "settings.hpp"
#include <viaduct/log/record_format.hpp>

#include <map>
#include <string>
#include <string_view>

namespace viaduct_proxy {

/// The formats that an access log can have: those that are built in, and the operator's own (`logformat`).
class log_formats
{
public:
    /// Adds one of `NAME SPECIFICATION`, in Squid's codes.
    /** @throws mistake */
    void add(typed const& what);

    /// Null if there is none of that name.
    [[nodiscard]] viaduct::record_format_ptr find(std::string_view name) const;

    /// That of an access log.
    /** @throws mistake if there is none of the name, with the nearest one. */
    [[nodiscard]] viaduct::record_format_ptr get(log_line const& line) const;

    /// The start of a hint which name was meant; empty if none is near.
    [[nodiscard]] std::string guess_for(std::string_view wrong) const;

private:
    std::map<std::string, viaduct::record_format_ptr, std::less<>> own_;
};

} // namespace viaduct_proxy

#endif
