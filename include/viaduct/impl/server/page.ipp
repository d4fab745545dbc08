#ifndef VIADUCT_IMPL_SERVER_PAGE_IPP
#define VIADUCT_IMPL_SERVER_PAGE_IPP

#include <viaduct/http/status.hpp>
#include <viaduct/server/page.hpp>

namespace viaduct {

VIADUCT_DECL std::string page::text(bool with_content) const
{
    auto const reason = status == 200 ? std::string_view{"OK"} : reason_phrase(status);
    std::string out = "HTTP/1.1 " + std::to_string(status);
    out.append(" ").append(reason).append("\r\n").append(fields.block());
    if (!content.empty()) out.append("Content-Type: ").append(content_type).append("\r\n");
    out.append("Content-Length: ").append(std::to_string(content.size()));
    out.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
    if (with_content) out.append(content);
    return out;
}

} // namespace viaduct

#endif
