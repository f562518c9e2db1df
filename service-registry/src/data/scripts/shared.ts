import * as keys from './keys.ts';

/** Entries of the log of recent changes. */
const MOST_LOGGED = 1_000;
/** Instances that went and are remembered as such; who read the catalogue before that reads it whole. */
const MOST_REMOVED = 5_000;

/** What all scripts begin with. */
export const SHARED = `
local META, SERVICES, CHANGED, REMOVED = KEYS[1], '${keys.SERVICES}', '${keys.CHANGED}', '${keys.REMOVED}'
local LEASES, OVERDUE, DEADLINES = '${keys.LEASES}', '${keys.OVERDUE}', '${keys.DEADLINES}'
local OBSERVED, CHECKS, LOG = '${keys.OBSERVED}', '${keys.CHECKS}', '${keys.LOG}'

local function integer(number) return string.format('%.0f', number) end
local function serviceKey(service) return '${keys.PREFIX}service:' .. service end
local function leftKey(member) return '${keys.PREFIX}left:' .. member end

-- Redis' own clock, the same for all replicas, unless a test brings one.
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A store that begins anew begins with the time as its index: above all that went before.
local function begin(now)
  if redis.call('HEXISTS', META, 'epoch') == 1 then return end
  local start = integer(now)
  redis.call('HSET', META, 'epoch', start, 'index', start, 'extinction', start, 'horizon', start)
end

-- INCARNATION REGISTERED_AT CREATE_INDEX CHANGED_AT STATE TTL, and a line each: the override, the verdicts by
-- check, the checks, all else that is declared. A TTL of 0 is none, and so is an empty line. What is not so is nobody.
local function read(value)
  local incarnation, registeredAt, createIndex, changedAt, state, ttl, override, verdicts, checks, declaration =
    string.match(value, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\\n([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n(.*)$')
  return declaration and {
    incarnation = tonumber(incarnation), registeredAt = tonumber(registeredAt), createIndex = tonumber(createIndex),
    changedAt = tonumber(changedAt), state = state, ttl = tonumber(ttl), override = override, verdicts = verdicts,
    checks = checks, declaration = declaration,
  }
end

local function stored(service, id)
  local value = redis.call('HGET', serviceKey(service), id)
  return value and read(value)
end

local function written(instance)
  return integer(instance.incarnation) .. ' ' .. integer(instance.registeredAt) .. ' ' .. integer(instance.createIndex) ..
    ' ' .. integer(instance.changedAt) .. ' ' .. instance.state .. ' ' .. integer(instance.ttl) .. '\\n' ..
    instance.override .. '\\n' .. instance.verdicts .. '\\n' .. instance.checks .. '\\n' .. instance.declaration
end

local function verdictsOf(instance)
  return instance.verdicts == '' and {} or cjson.decode(instance.verdicts)
end

local function checksOf(instance)
  return instance.checks == '' and {} or cjson.decode(instance.checks)
end

local function log(now, index, service, id, entry)
  entry.at, entry.index, entry.service, entry.instanceId = now, index, service, id
  redis.call('LPUSH', LOG, cjson.encode(entry))
  redis.call('LTRIM', LOG, 0, ${MOST_LOGGED - 1})
end

-- Writes what others can see, with a new index and an entry in the log.
local function publish(now, service, id, instance, entry)
  local index = redis.call('HINCRBY', META, 'index', 1)
  local member = service .. '/' .. id
  instance.createIndex, instance.changedAt = instance.createIndex or index, now
  redis.call('HSET', serviceKey(service), id, written(instance))
  redis.call('ZADD', CHANGED, integer(index), member)
  redis.call('ZREM', REMOVED, member)
  redis.call('ZADD', SERVICES, integer(index), service)
  log(now, index, service, id, entry)
  redis.call('PUBLISH', '${keys.CHANGES}', service)
end

local function forgetCheck(member, checkId)
  local check = member .. '/' .. checkId
  redis.call('ZREM', OVERDUE, check)
  redis.call('ZREM', DEADLINES, check)
  redis.call('HDEL', OBSERVED, check)
  if redis.call('HGET', CHECKS, checkId) == member then redis.call('HDEL', CHECKS, checkId) end
end

local function remove(now, service, id, instance, entry)
  local member = service .. '/' .. id
  for checkId in pairs(verdictsOf(instance)) do forgetCheck(member, checkId) end
  redis.call('HDEL', serviceKey(service), id)
  redis.call('ZREM', LEASES, member)
  redis.call('ZREM', OVERDUE, member)
  redis.call('ZREM', CHANGED, member)
  local index = redis.call('HINCRBY', META, 'index', 1)
  redis.call('ZADD', REMOVED, integer(index), member)
  if redis.call('ZCARD', REMOVED) > ${MOST_REMOVED} then
    redis.call('HSET', META, 'horizon', redis.call('ZPOPMIN', REMOVED)[2])
  end
  if redis.call('EXISTS', serviceKey(service)) == 1 then
    redis.call('ZADD', SERVICES, integer(index), service)
  else
    redis.call('ZREM', SERVICES, service)
    redis.call('HSET', META, 'extinction', integer(index))
  end
  log(now, index, service, id, entry)
  redis.call('PUBLISH', '${keys.CHANGES}', service)
end

-- A renewal is overdue after two thirds: whoever renews at half of the time, or a third, has missed one at least.
local function renewLease(now, member, ttl)
  if ttl > 0 then
    redis.call('ZADD', LEASES, now + ttl, member)
    redis.call('ZADD', OVERDUE, now + math.floor(ttl * 2 / 3), member)
  else
    redis.call('ZADD', LEASES, 'inf', member)
    redis.call('ZREM', OVERDUE, member)
  end
end

-- What happens to a check that is not reported on any more. Staying critical must not put off the end of it.
local function expect(now, member, check, status, was)
  if status ~= 'critical' and check.kind == 'ttl' then
    redis.call('ZADD', DEADLINES, now + check.ttlMs, member)
    redis.call('ZADD', OVERDUE, now + math.floor(check.ttlMs * 2 / 3), member)
  elseif status ~= 'critical' or not check.deregisterAfterMs then
    redis.call('ZREM', DEADLINES, member)
  elseif was ~= 'critical' then
    redis.call('ZADD', DEADLINES, now + check.deregisterAfterMs, member)
  end
  if status == 'critical' then redis.call('ZREM', OVERDUE, member) end
end

local function checkOf(instance, kind, checkId)
  for _, check in ipairs(checksOf(instance)) do
    if check.id == checkId and (kind == '' or check.kind == kind) then return check end
  end
end

-- Gives a check another status.
local function judge(now, service, id, instance, check, status, output)
  local verdicts = verdictsOf(instance)
  local was = verdicts[check.id].status
  verdicts[check.id] = { status = status, since = now, output = output }
  instance.verdicts = cjson.encode(verdicts)
  expect(now, service .. '/' .. id .. '/' .. check.id, check, status, was)
  publish(now, service, id, instance, { kind = 'check', from = was, to = status, reason = check.name .. ': ' .. output })
end
`;
