-- ARGV: now, owner, lease, gap, grace period, batch, minimum number and share of missing renewals, maximum time of
-- self-preservation → what was done, self-preservation (active, since, expected, missing) and its change, the removed
-- instances, the late checks.
--
-- During a gap between two runs (no registry ran, or Redis did not) no instance could renew. So the gap is added to all
-- leases and deadlines, and a grace period follows in which nothing expires. The same grace period follows the end of
-- self-preservation, for instances that renew again later than most.
local now, owner, lease, batch = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[6])
initialize(now)
local meta = redis.call('HMGET', META, 'sweeper', 'sweeperUntil', 'sweptAt', 'holdUntil', 'guardActive', 'guardSince', 'expected', 'silent')
local heldUntil, sweptAt, holdUntil = tonumber(meta[2] or 0), tonumber(meta[3]), tonumber(meta[4] or 0)
local wasActive, since = meta[5] == '1', tonumber(meta[6])

local function reply(kind, guardChange, expired, lateChecks)
  local guard = redis.call('HMGET', META, 'guardActive', 'guardSince', 'expected', 'silent')
  for at = 1, 4 do guard[at] = guard[at] or '' end
  return { kind, guard, guardChange, expired or {}, lateChecks or {} }
end

if meta[1] and meta[1] ~= owner and heldUntil > now and heldUntil <= now + lease then return reply('other', '') end
redis.call('HSET', META, 'sweeper', owner, 'sweeperUntil', integer(now + lease), 'sweptAt', integer(now))

local gap = sweptAt and now - sweptAt or 0
if gap > tonumber(ARGV[4]) then
  for _, key in ipairs({ LEASES, OVERDUE, DEADLINES }) do
    local ends = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for at = 1, #ends, 2 do redis.call('ZADD', key, tonumber(ends[at + 1]) + gap, ends[at]) end
  end
  holdUntil = now + tonumber(ARGV[5])
  redis.call('HSET', META, 'holdUntil', integer(holdUntil), 'resumedAt', integer(now), 'gap', integer(gap))
end
if now < holdUntil then return reply('held', '') end

local expected, silent = redis.call('ZCARD', OVERDUE), redis.call('ZCOUNT', OVERDUE, '-inf', integer(now))
local isMassSilence = silent >= tonumber(ARGV[7]) and silent > expected * tonumber(ARGV[8])
since = isMassSilence and (since or now) or nil
local active = since ~= nil and now - since < tonumber(ARGV[9])
redis.call('HSET', META, 'guardActive', active and '1' or '0', 'guardSince', since and integer(since) or '', 'expected', expected, 'silent', silent)
local guardChange = ''
if active ~= wasActive then
  guardChange = active and 'began' or 'ended'
  redis.call('PUBLISH', CHANGES, '')
end
if active then return reply('guarded', guardChange) end
if guardChange == 'ended' and not isMassSilence then
  redis.call('HSET', META, 'holdUntil', integer(now + tonumber(ARGV[5])))
  return reply('held', guardChange)
end

local expired, lateChecks = redis.call('ZRANGE', LEASES, '-inf', integer(now), 'BYSCORE', 'LIMIT', 0, batch), {}
for _, member in ipairs(expired) do
  local service, id = string.match(member, '^([^/]+)/(.*)$')
  local instance = loadInstance(service, id)
  if instance then
    remove(now, service, id, instance, { kind = 'expired', from = instance.state, reason = 'no heartbeat for ' .. instance.ttl / 1000 .. ' s' })
  else
    redis.call('ZREM', LEASES, member)
  end
end

for _, member in ipairs(redis.call('ZRANGE', DEADLINES, '-inf', integer(now), 'BYSCORE', 'LIMIT', 0, batch)) do
  local service, id, checkId = string.match(member, '^([^/]+)/([^/]+)/(.*)$')
  local instance = loadInstance(service, id)
  local check = instance and checkOf(instance, '', checkId)
  local critical = check and checkStatesOf(instance)[checkId].status == 'critical'
  if not check or critical and not check.deregisterAfterMs then
    redis.call('ZREM', DEADLINES, member)
  elseif critical then
    remove(now, service, id, instance, { kind = 'expired', reason = check.name .. ': critical for ' .. check.deregisterAfterMs / 1000 .. ' s' })
    table.insert(expired, service .. '/' .. id)
  else
    setCheckStatus(now, service, id, instance, check, 'critical', 'TTL expired')
    table.insert(lateChecks, member)
  end
end
return reply('swept', guardChange, expired, lateChecks)
