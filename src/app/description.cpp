#include "app/description.hpp"

#include "rest/openapi.hpp"

namespace headwater::app {

std::string_view api_description() {
    return rest::openapi_text();
}

}  // namespace headwater::app
