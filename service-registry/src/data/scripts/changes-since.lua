-- ARGV: now, epoch, index → epoch, index, extinction, whether this is the whole catalog, self-preservation (active, since,
-- expected, missing), the services changed after the index with their indexes, the changed instances with index and
-- value, the removed instances
initialize(clock(ARGV[1]))
local head = redis.call('HMGET', META, 'epoch', 'index', 'extinction', 'horizon')
local guard = redis.call('HMGET', META, 'guardActive', 'guardSince', 'expected', 'silent')
for at = 1, 4 do guard[at] = guard[at] or '' end
local since = tonumber(ARGV[3])
if head[1] ~= ARGV[2] or since > tonumber(head[2]) or since < tonumber(head[4]) then since = -1 end
if since == tonumber(head[2]) then return { head[1], head[2], head[3], 0, guard, {}, {}, {} } end

local after = '(' .. integer(since)
local changed, instances = redis.call('ZRANGE', CHANGED, after, '+inf', 'BYSCORE', 'WITHSCORES'), {}
for at = 1, #changed, 2 do
  local service, id = string.match(changed[at], '^([^/]+)/(.*)$')
  local value = redis.call('HGET', serviceKey(service), id)
  if value then table.insert(instances, { service, id, changed[at + 1], value }) end
end
local services = redis.call('ZRANGE', SERVICES, after, '+inf', 'BYSCORE', 'WITHSCORES')
local removed = since < 0 and {} or redis.call('ZRANGE', REMOVED, after, '+inf', 'BYSCORE')
return { head[1], head[2], head[3], since < 0 and 1 or 0, guard, services, instances, removed }
