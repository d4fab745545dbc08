#ifndef VIADUCT_IMPL_AUTH_PASSWORD_HASH_HPP
#define VIADUCT_IMPL_AUTH_PASSWORD_HASH_HPP

// The hashes of password files: Apache's own over OpenSSL, everything else by libcrypt.

#include <viaduct/impl/auth/base64.hpp>
#include <viaduct/impl/auth/constant_time.hpp>
#include <viaduct/impl/auth/evp.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>
#include <array>
#include <crypt.h>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace viaduct::detail {

inline constexpr std::string_view apr1_magic = "$apr1$";
inline constexpr std::string_view sha_magic = "{SHA}";
inline constexpr std::string_view crypt_alphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

inline constexpr std::size_t max_password = 256; // octets; libcrypt takes 511, and a hash of more only costs

/// A method of crypt(3) and its relatives, `$NAME$COST$SALT$HASH`.
struct crypt_method
{
    std::string_view name;
    std::size_t digits; // behind the last `$`
    bool has_cost;
};

inline constexpr std::array crypt_methods{crypt_method{"1", 22, false}, crypt_method{"2a", 53, true},
                                          crypt_method{"2b", 53, true}, crypt_method{"2y", 53, true},
                                          crypt_method{"5", 43, false}, crypt_method{"6", 86, false},
                                          crypt_method{"7", 43, true},  crypt_method{"apr1", 22, false},
                                          crypt_method{"gy", 43, true}, crypt_method{"y", 43, true}};

/// Where the part of a hash ends that decides what it costs.
[[nodiscard]] inline std::size_t end_of_cost(std::string_view hash, crypt_method const& method)
{
    auto const begin = method.name.size() + 2;
    bool const optional_cost = hash.substr(begin).starts_with("rounds=");
    return method.has_cost || optional_cost ? hash.find('$', begin) : begin;
}

/// What must be the same for two hashes to cost the same: `$2y$10`, `$apr1$`, `{SHA}`; empty for DES, and
/// nothing for what is no hash.
[[nodiscard]] inline std::optional<std::string_view> hash_kind(std::string_view hash)
{
    if (hash.starts_with(sha_magic))
        return hash.size() == sha_magic.size() + 28 ? std::optional{sha_magic} : std::nullopt;
    if (!hash.starts_with('$')) {
        bool const des = hash.size() == 13 && hash.find_first_not_of(crypt_alphabet) == hash.npos;
        return des ? std::optional{std::string_view{}} : std::nullopt;
    }
    auto const name = hash.substr(1, std::min(hash.find('$', 1), hash.size()) - 1);
    auto const last = hash.rfind('$');
    for (auto const& method : crypt_methods)
        if (method.name == name && last > name.size() + 1 && hash.size() - last - 1 == method.digits)
            return hash.substr(0, end_of_cost(hash, method));
    return std::nullopt;
}

/// One hash after the other, with one context.
class evp_hash
{
public:
    explicit evp_hash(char const* name) : type_{evp_type(name)}, context_{EVP_MD_CTX_new()}
    {
        sound_ = type_ && context_;
        begin();
    }

    evp_hash& add(std::string_view text)
    {
        sound_ = sound_ && EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1;
        return *this;
    }

    /// The octets; the next hash begins.
    /** @throws std::runtime_error if OpenSSL refuses. */
    [[nodiscard]] std::string end()
    {
        unsigned char octets[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        sound_ = sound_ && EVP_DigestFinal_ex(context_.get(), octets, &size) == 1;
        if (!sound_) throw std::runtime_error{"OpenSSL refuses a hash that the password file needs"};
        begin();
        return {octets, octets + size};
    }

private:
    void begin() { sound_ = sound_ && EVP_DigestInit_ex(context_.get(), type_.get(), nullptr) == 1; }

    openssl_error_mark mark_;
    decltype(evp_type("")) type_;
    std::unique_ptr<EVP_MD_CTX, evp_free> context_;
    bool sound_;
};

/// The octets of an MD5 in the order and the alphabet of its crypt.
[[nodiscard]] inline std::string md5_crypt_text(std::string_view octets)
{
    static constexpr std::array<std::size_t, 15> order{0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5};
    std::string text;
    auto const put = [&text](unsigned bits, int digits) {
        for (; digits != 0; --digits, bits >>= 6)
            text += crypt_alphabet[bits & 0x3f];
    };
    auto const octet = [octets](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
    for (std::size_t i = 0; i != order.size(); i += 3)
        put(static_cast<unsigned>(octet(order[i]) << 16 | octet(order[i + 1]) << 8 | octet(order[i + 2])), 4);
    put(octet(11), 2);
    return text;
}

/// Apache's variant of the MD5 crypt: another magic word in the hash, and nothing else.
[[nodiscard]] inline std::string apr1_hash(std::string_view password, std::string_view salt)
{
    evp_hash md5{"MD5"};
    auto last = md5.add(password).add(salt).add(password).end();
    md5.add(password).add(apr1_magic).add(salt);
    for (auto left = password.size(); left != 0; left -= std::min<std::size_t>(left, 16))
        md5.add(std::string_view{last}.substr(0, left));
    for (auto bits = password.size(); bits != 0; bits >>= 1)
        md5.add((bits & 1) != 0 ? std::string_view{"", 1} : password.substr(0, 1));
    last = md5.end();
    for (unsigned round = 0; round != 1000; ++round) {
        bool const odd = (round & 1) != 0;
        md5.add(odd ? password : last);
        if (round % 3 != 0) md5.add(salt);
        if (round % 7 != 0) md5.add(password);
        last = md5.add(odd ? std::string_view{last} : password).end();
    }
    return std::string{apr1_magic}.append(salt).append(1, '$').append(md5_crypt_text(last));
}

/// What crypt(3) makes of a password with the method, the cost and the salt of a hash.
[[nodiscard]] inline std::string crypt_hash(std::string const& password, std::string const& hash)
{
    auto const data = std::make_unique<::crypt_data>(); // 32 KiB of zeros
    char const* const made = ::crypt_r(password.c_str(), hash.c_str(), data.get());
    std::string text = made ? made : "*";
    wipe(data.get(), sizeof *data);
    if (text.starts_with('*')) throw std::runtime_error{"libcrypt refuses a hash of the password file"};
    return text;
}

/// Whether a hash is this password's. The work is done for every password, the comparison in constant time.
/** @throws std::runtime_error if the hash cannot be computed here. */
[[nodiscard]] inline bool is_hash_of(std::string const& password, std::string const& hash)
{
    if (password.size() > max_password || password.find('\0') != password.npos) return false;
    std::string_view const text{hash};
    if (text.starts_with(sha_magic)) {
        auto const made = base64_encode(evp_hash{"SHA1"}.add(password).end());
        return constant_time_equal(made, text.substr(sha_magic.size()));
    }
    if (!text.starts_with(apr1_magic)) return constant_time_equal(crypt_hash(password, hash), text);
    auto const salt = text.substr(apr1_magic.size(), std::min<std::size_t>(text.find('$', 6) - 6, 8));
    return constant_time_equal(apr1_hash(password, salt), text);
}

} // namespace viaduct::detail

#endif
