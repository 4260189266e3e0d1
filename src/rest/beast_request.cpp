#include "rest/beast_request.hpp"

namespace headwater::rest {

boost::beast::http::request<boost::beast::http::string_body> to_beast_request(const RawRequest& raw) {
    boost::beast::http::request<boost::beast::http::string_body> request;
    request.method_string(raw.method);
    request.target(raw.target);
    request.version(static_cast<unsigned>(raw.version));
    for (std::size_t i = 0; i < raw.headers.size(); ++i) {
        const Headers::Field field = raw.headers.at(i);
        request.insert(field.name, field.value);
    }
    return request;
}

}  // namespace headwater::rest
