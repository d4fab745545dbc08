#ifndef VIADUCT_IMPL_AUTH_WIPE_HPP
#define VIADUCT_IMPL_AUTH_WIPE_HPP

#include <cstddef>
#include <string>

namespace viaduct::detail {

/// Overwrites a secret before its memory goes back, where no optimiser may think it useless.
inline void wipe(void* memory, std::size_t size) noexcept
{
    auto volatile* const octets = static_cast<unsigned char volatile*>(memory);
    for (std::size_t i = 0; i != size; ++i)
        octets[i] = 0;
}

inline void wipe(std::string& secret) noexcept
{
    wipe(secret.data(), secret.size());
    secret.clear();
}

/// Wipes what it refers to at the end of its block, however that is left.
class wipe_at_end
{
public:
    explicit wipe_at_end(std::string& secret) noexcept : secret_{&secret} {}
    wipe_at_end(wipe_at_end const&) = delete;
    wipe_at_end& operator=(wipe_at_end const&) = delete;
    ~wipe_at_end() { wipe(*secret_); }

private:
    std::string* secret_;
};

} // namespace viaduct::detail

#endif
