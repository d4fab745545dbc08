// The compiled library's part for password files: what needs libcrypt, once.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_htpasswd.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/auth/basic_file_verifier.ipp>
#include <viaduct/impl/auth/password_file.ipp>
