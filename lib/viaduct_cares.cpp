// A compiled library of its own: what needs c-ares, once.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_cares.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/net/cares_resolver.ipp>
