-- Acquires permits for several clients in one call: for each client in all of its windows, or in none.
-- A window begins with its first request.
--
-- KEYS  one counter for each window of each client
-- ARGV  1: share. One of so many of the remaining permits may be granted beyond the demand.
--       2: JSON, a list of clients: [demand, extra, [limit, window in ms, refund, ...]]
-- Returns a JSON list: for each client the permits granted, then for each window the permits used and the
-- milliseconds until its end. The gateway parses one JSON text faster than a list of Redis replies.

local share, key, reply = tonumber(ARGV[1]), 0, {}
for _, request in ipairs(cjson.decode(ARGV[2])) do
  local demand, extra, windows = request[1], request[2], request[3]
  local room, counts, expiry = math.huge, {}, {}
  local window_count = #windows / 3
  for i = 1, window_count do
    local limit, refund = windows[i * 3 - 2], windows[i * 3]
    expiry[i] = redis.call('PTTL', KEYS[key + i])
    counts[i] = 0
    if expiry[i] > 0 then counts[i] = math.max(0, tonumber(redis.call('GET', KEYS[key + i])) - refund) end
    room = math.min(room, limit - counts[i])
  end
  local granted = math.max(0, math.min(demand, room))
  if granted == demand then
    granted = granted + math.max(0, math.min(extra, math.floor((room - demand) / share)))
  end
  reply[#reply + 1] = granted
  for i = 1, window_count do
    local window_ms = windows[i * 3 - 1]
    local count = counts[i] + granted
    if expiry[i] > 0 then
      redis.call('SET', KEYS[key + i], count, 'KEEPTTL')
    else
      expiry[i] = window_ms
      if count > 0 then redis.call('SET', KEYS[key + i], count, 'PX', window_ms) end
    end
    reply[#reply + 1] = count
    reply[#reply + 1] = expiry[i]
  end
  key = key + window_count
end
return cjson.encode(reply)
