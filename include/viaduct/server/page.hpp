#ifndef VIADUCT_SERVER_PAGE_HPP
#define VIADUCT_SERVER_PAGE_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/http/fields.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace viaduct {

/// Somebody asks a proxy for a page of its own: GET, HEAD or DELETE of `/path?query`.
/** Everything in it comes from the client; only its form has been checked. */
struct page_request
{
    std::string method{};
    std::string path{};       ///< `/tunnels`; visible ASCII, as it came: nothing is decoded.
    std::string query{};      ///< What follows the first `?`; likewise.
    viaduct::fields fields{}; ///< Of the request, its credentials included.
    std::string client{};     ///< The client's address, without port.
    bool draining = false;    ///< Whether the proxy is going, and takes no tunnels any more.
    std::string listener{};   ///< The name of the listener it came by; empty without one.
};

/// The answer to that.
struct page
{
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string content{};
    viaduct::fields fields{}; ///< Further fields, such as Allow. None about length or connection.

    /// The answer as it goes over the wire.
    /**
     * With its length, and so that nobody keeps it (`Cache-Control: no-store`) or takes it for something else
     * than it says (`X-Content-Type-Options: nosniff`); the connection ends behind it.
     *
     * @param with_content False for the answer to HEAD, which has the same head (RFC 9110 section 9.3.2).
     */
    [[nodiscard]] VIADUCT_DECL std::string text(bool with_content = true) const;
};

/// The methods that a page can be asked for with, as Allow has them.
inline constexpr std::string_view page_methods = "GET, HEAD, DELETE";

/// Makes the pages of a proxy: see `service_options::pages`.
/**
 * Whether a client may have a page is decided before it is asked. Called from the threads of all workers,
 * several at once; a tunnel on that thread waits meanwhile, so what takes time is to be done elsewhere.
 */
class page_source
{
public:
    page_source() = default;
    page_source(page_source const&) = delete;
    page_source& operator=(page_source const&) = delete;
    virtual ~page_source() = default;

    /// Makes a page, now or later.
    /**
     * @param asked As it came. HEAD is to be answered as GET is; the content is left out by whoever sends it.
     * @param reply To be called once, from any thread, also from within this function. A page that has not
     * come in ten seconds is answered with 503, and one that comes afterwards counts for nothing. What it
     * holds may be gone by then: it keeps nothing of the proxy alive.
     */
    virtual void make(page_request asked, std::function<void(page)> reply) = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/page.ipp>
#endif

#endif
