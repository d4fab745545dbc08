#ifndef VIADUCT_EXAMPLES_PROXY_DIGEST_PROGRAM_HPP
#define VIADUCT_EXAMPLES_PROXY_DIGEST_PROGRAM_HPP

#include <viaduct/auth/digest_store.hpp>
#include <viaduct/helpers/helper_verifier.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace viaduct_proxy {

/// A helper program that knows what stands for users' passwords in Digest. Squid's know MD5.
class digest_program final : public viaduct::digest_store
{
public:
    explicit digest_program(std::shared_ptr<viaduct::helper_pool> pool) : pool_{std::move(pool)} {}

    [[nodiscard]] bool has(viaduct::digest_algorithm algorithm, std::string const&) const override
    {
        return algorithm == viaduct::digest_algorithm::md5;
    }

    void find(viaduct::digest_question question, std::function<void(viaduct::digest_answer)> done) override
    {
        viaduct::lookup_ha1(*pool_, question.user, question.realm,
                            [done = std::move(done)](viaduct::error_code ec, std::string ha1) {
                                done(as_answer(ec, std::move(ha1)));
                            });
    }

private:
    [[nodiscard]] static viaduct::digest_answer as_answer(viaduct::error_code ec, std::string ha1)
    {
        if (ec) return {{}, ec.message()};
        if (!ha1.empty() && ha1.size() != 32) return {{}, "the helper's answer is no MD5 hash"};
        return {std::move(ha1), {}};
    }

    std::shared_ptr<viaduct::helper_pool> pool_;
};

} // namespace viaduct_proxy

#endif
