// A compiled library of its own: what needs the Prometheus library, once.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_metrics.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/log/metrics_sink.ipp>
