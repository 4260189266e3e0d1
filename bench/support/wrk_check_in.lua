-- Checks in at one of N monitors at random, each with its own key, and prints what was measured as one line of JSON.
-- Usage: wrk … -s wrk_check_in.lua URL -- N
local requests = {}

-- All requests are made beforehand, so that the client costs next to nothing.
function init(arguments)
    math.randomseed(os.time())
    for id = 1, tonumber(arguments[1]) do
        requests[id] = wrk.format("GET", "/notify/" .. id, { ["x-api-key"] = "bench" .. id })
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
