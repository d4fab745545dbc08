#ifndef VIADUCT_NET_FIXED_NAMES_HPP
#define VIADUCT_NET_FIXED_NAMES_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/resolver.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace viaduct {

/// Names and their addresses, in the order in which they are to be tried.
using name_table = std::map<std::string, std::vector<net::ip::address>>;

/// Knows some names by itself, asks another resolver for the rest, and may leave a family out of it all.
/**
 * What a line in a hosts file does, for one program; and what `curl` does with `-4` and `-6`.
 *
 * @code
 * auto const staging = net::ip::make_address("192.0.2.7");
 * options.names = std::make_shared<viaduct::fixed_names>(viaduct::name_table{{"api.example", {staging}}});
 * @endcode
 *
 * A name of the table is answered before `ask` returns. One that has no address there, or none of the family,
 * is answered with `net::error::host_not_found`, and the other resolver does not hear of it: whoever has put
 * it there wants no other address. So is a name of which the other resolver knows addresses of the wrong
 * family alone.
 *
 * Distinct objects: safe. Shared objects: safe, the destructor excepted. Destroying it cancels nothing: those
 * who wait get their answers from the other resolver.
 */
class fixed_names final : public resolver
{
public:
    /**
     * @param names The table; case and a final dot do not tell names apart. The entry `*` is for every name
     * without one of its own, so that nobody else is asked at all. An address in text form is no name: it is
     * never looked up, so an entry for it has no effect.
     * @param family What is not of it is left out of all answers.
     * @param otherwise Who is asked for a name that is not in the table; null for a `system_resolver` of that
     * family.
     */
    VIADUCT_DECL explicit fixed_names(name_table names, address_family family = address_family::any,
                                      std::shared_ptr<resolver> otherwise = nullptr);

    VIADUCT_DECL void ask(std::shared_ptr<name_query> query) override;

private:
    name_table names_; // in small letters, without final dots and what is not of the family
    address_family family_;
    std::shared_ptr<resolver> otherwise_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/fixed_names.ipp>
#endif

#endif
