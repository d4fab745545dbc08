#ifndef VIADUCT_TESTS_NET_RELAY_KINDS_HPP
#define VIADUCT_TESTS_NET_RELAY_KINDS_HPP

#include "relay_fixture.hpp"

// Every test of the relay's contract runs over each of these pairs of streams; what is written once is
// compiled twice, with TLS in a program of its own. Some pairs are handed to the relay in the other order,
// which exchanges their roles without another instantiation.
#if defined(VIADUCT_TESTS_OVER_TLS)
#include "tls_streams.hpp"

#define RELAY_KINDS                                                                                          \
    relay_fixture<over_tls, false>, relay_fixture<over_tcp, false, over_tls>,                                \
        relay_fixture<over_tls, true, over_tcp>, relay_fixture<over_tls, false, over_memory>,                \
        relay_fixture<over_memory, true, over_tls>
#else
#define RELAY_KINDS                                                                                          \
    relay_fixture<over_tcp, false>, relay_fixture<over_tcp, true>, relay_fixture<over_memory, false>,        \
        relay_fixture<over_memory, true>, relay_fixture<over_memory, false, over_tcp>,                       \
        relay_fixture<over_tcp, true, over_memory>, relay_fixture<over_local, false, over_tcp>,              \
        relay_fixture<over_tcp, true, over_local>
#endif

// How streams end is all that is left to tell of streams whose kind the relay does not know.
#if defined(RELAY_OVER_ANY_STREAM)
#include "any_streams.hpp"

#define RELAY_TEST(name)                                                                                     \
    TEST_CASE_TEMPLATE(name, fix_type, RELAY_KINDS, relay_fixture<over_tcp, false, over_any>)
#else
#define RELAY_TEST(name) TEST_CASE_TEMPLATE(name, fix_type, RELAY_KINDS)
#endif

#endif
