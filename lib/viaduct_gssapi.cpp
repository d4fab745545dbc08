// The compiled library's part that needs GSSAPI: a library of its own, so that nobody else links to it.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_gssapi.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/auth/negotiate.ipp>
#include <viaduct/impl/auth/ntlm.ipp>
