// The compiled library, continued: the whole of a dial is compiled here, once.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_dial.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/client/dialer.ipp>
#include <viaduct/impl/client/forwarder.ipp>
#include <viaduct/impl/detail/dial_account.ipp>
#include <viaduct/impl/detail/dial_state.ipp>
#include <viaduct/impl/detail/dialer_state.ipp>
