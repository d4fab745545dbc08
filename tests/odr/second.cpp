#include <viaduct/viaduct.hpp>

viaduct::error_category const* category_of_the_second();

viaduct::error_category const* category_of_the_second()
{
    return &viaduct::viaduct_category();
}
