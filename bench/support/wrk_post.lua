-- Posts one body over and over and prints what was measured as one line of JSON. There is no request() function here: wrk then
-- formats the request once, so that the client costs next to nothing. Usage: wrk … -s wrk_post.lua URL -- BODY-FILE [KEY]
function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = file:read("*a")
    if arguments[2] then wrk.headers["Authorization"] = "Bearer " .. arguments[2] end
    file:close()
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
