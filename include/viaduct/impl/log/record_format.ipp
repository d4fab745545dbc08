#ifndef VIADUCT_IMPL_LOG_RECORD_FORMAT_IPP
#define VIADUCT_IMPL_LOG_RECORD_FORMAT_IPP

#include <viaduct/log/record_format.hpp>

#include <fmt/format.h>

#include <iterator>

namespace viaduct {

VIADUCT_DECL void record_format::append_loss(std::uint64_t lost, std::string& line) const
{
    fmt::format_to(std::back_inserter(line), "# {} {} lost here\n", lost,
                   lost == 1 ? "record was" : "records were");
}

} // namespace viaduct

#endif
