// The compiled library's second part: what needs OpenSSL, once.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_openssl.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/auth/digest.ipp>
#include <viaduct/impl/auth/digest_authenticator.ipp>
#include <viaduct/impl/auth/digest_authorization.ipp>
#include <viaduct/impl/auth/digest_file.ipp>
#include <viaduct/impl/auth/digest_hash.ipp>
#include <viaduct/impl/auth/digest_verifier.ipp>
#include <viaduct/impl/auth/nonce_book.ipp>
#include <viaduct/impl/client/tls_client.ipp>
#include <viaduct/impl/server/tls_server.ipp>
