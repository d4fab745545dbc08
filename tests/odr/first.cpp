#include <viaduct/viaduct.hpp>

#include <cstdio>

viaduct::error_category const* category_of_the_second();

int main()
{
    bool const same = category_of_the_second() == &viaduct::viaduct_category();
    std::printf("1..1\n%s 1 - both translation units see one library\n", same ? "ok" : "not ok");
    return same ? 0 : 1;
}
