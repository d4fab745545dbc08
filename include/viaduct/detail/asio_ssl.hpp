#ifndef VIADUCT_DETAIL_ASIO_SSL_HPP
#define VIADUCT_DETAIL_ASIO_SSL_HPP

// The TLS of the Asio in use, for those who include what is named after TLS, and nobody else: it needs
// OpenSSL.

#include <viaduct/detail/asio.hpp>

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#else
#include <asio/ssl/context.hpp>
#include <asio/ssl/error.hpp>
#include <asio/ssl/host_name_verification.hpp>
#include <asio/ssl/stream.hpp>
#endif

#endif
