#ifndef VIADUCT_DETAIL_ASIO_PROGRAMS_HPP
#define VIADUCT_DETAIL_ASIO_PROGRAMS_HPP

// What programs and tests take from the Asio in use and the library does not, so that they compile with
// either. A program that has chosen its Asio includes Asio's own headers instead.

#include <viaduct/detail/asio.hpp>

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#else
#include <asio/generic/stream_protocol.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read.hpp>
#include <asio/signal_set.hpp>
#endif

#endif
