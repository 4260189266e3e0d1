-- GETs one address over and over, or events by ids drawn at random, and prints what was measured as one line of JSON.
-- Usage: wrk … -s wrk_get.lua URL [-- HIGHEST-ID]
function init(arguments)
    local highest = tonumber(arguments[1])
    if not highest then return end
    math.randomseed(4711)
    request = function()
        return wrk.format("GET", "/api/events/" .. string.format("%d", math.random(1, highest)))
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.4f, "p99_ms": %.4f, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
