#include "conversation_player.hpp"
#include <viaduct/client/proxy_auth.hpp> // the header is self-contained

#include <ostream>
#include <string>
#include <thread>
#include <vector>

using namespace fixture;
using viaduct::proxy_auth;

TEST_CASE("proxy auth: schemes stay in their order, and are named so")
{
    auto const digest = fake({.name = "Digest"});
    auto const plain = fake(basic());
    proxy_auth const auth{{digest, plain}};
    CHECK(auth.names() == "Digest, Basic");
    CHECK(auth.schemes() == std::vector<proxy_auth::scheme_ptr>{digest, plain});
    CHECK(proxy_auth{{}}.names().empty());
    CHECK(proxy_auth{{}}.first() == nullptr);
}

TEST_CASE("proxy auth: a tunnel begins with the scheme that was accepted last, until it is rejected")
{
    auto const digest = fake({.name = "Digest"});
    auto const plain = fake(basic());
    proxy_auth auth{{digest, plain}};
    CHECK(auth.first() == nullptr);
    auth.accepted(plain);
    CHECK(auth.first() == plain);
    auth.accepted(digest);
    CHECK(auth.first() == digest);
    auth.rejected(plain); // another tunnel, with an older idea
    CHECK(auth.first() == digest);
    auth.rejected(digest);
    CHECK(auth.first() == nullptr);
    auth.begin_with(plain);
    CHECK(auth.first() == plain);
}

TEST_CASE("proxy auth: a scheme that cannot begin now waits for a challenge, and is not forgotten")
{
    class moody final : public viaduct::authenticator
    {
    public:
        [[nodiscard]] std::string_view scheme() const noexcept override { return "Moody"; }
        [[nodiscard]] bool can_begin() const override
        {
            if (auth) static_cast<void>(auth->names()); // it may ask back
            return can;
        }
        [[nodiscard]] std::unique_ptr<viaduct::auth_exchange> begin() override { return nullptr; }
        bool can = false;
        proxy_auth* auth = nullptr;
    };
    auto const scheme = std::make_shared<moody>();
    proxy_auth auth{{scheme}};
    scheme->auth = &auth;
    auth.accepted(scheme);
    CHECK(auth.first() == nullptr);
    scheme->can = true;
    CHECK(auth.first() == scheme);
}

TEST_CASE("proxy auth: tunnels on several threads share it")
{
    auto const plain = fake(basic());
    proxy_auth auth{{plain}};
    auto const tunnels = [&] {
        for (int n = 0; n < 200; ++n) {
            auto const first = auth.first();
            if (first && first != plain) std::terminate();
            n % 3 == 0 ? auth.rejected(plain) : auth.accepted(plain);
        }
    };
    std::thread other{tunnels};
    tunnels();
    other.join();
    CHECK(auth.first() == plain);
}
