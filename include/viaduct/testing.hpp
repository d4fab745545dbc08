#ifndef VIADUCT_TESTING_HPP
#define VIADUCT_TESTING_HPP

// What a test needs of a program that goes through a proxy, without a test framework: `viaduct-testing` for
// Meson and pkg-config. What needs OpenSSL is with `viaduct-testing-openssl`, and included by its own name:
// throw_away_ca.hpp, throw_away_tls.hpp, digest_requirement.hpp.

#include <viaduct/testing/duplex_pair.hpp>
#include <viaduct/testing/manual_clock.hpp>
#include <viaduct/testing/proxy_behaviour.hpp>
#include <viaduct/testing/proxy_record.hpp>
#include <viaduct/testing/proxy_requirement.hpp>
#include <viaduct/testing/proxy_server.hpp>
#include <viaduct/testing/recording_sink.hpp>
#include <viaduct/testing/rule_script.hpp>
#include <viaduct/testing/scripted_peer.hpp>
#include <viaduct/testing/tcp_pair.hpp>
#include <viaduct/testing/tracked_handler.hpp>
#include <viaduct/testing/tracker_executor.hpp>

#endif
