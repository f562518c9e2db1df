-- Every script begins with this file. All keys have the prefix of KEYS[1] (redis-keys.ts).
local META, PREFIX = KEYS[1], string.match(KEYS[1], '^(.*)meta$')
local SERVICES, CHANGED, REMOVED = PREFIX .. 'services', PREFIX .. 'changed', PREFIX .. 'removed'
local LEASES, OVERDUE, DEADLINES = PREFIX .. 'leases', PREFIX .. 'overdue', PREFIX .. 'deadlines'
local OBSERVED, CHECKS, LOG = PREFIX .. 'observed', PREFIX .. 'checks', PREFIX .. 'log'
-- The channel of change notifications.
local CHANGES = PREFIX .. 'changes'

-- The maximum length of the log of recent changes.
local MAX_LOG_ENTRIES = 1000
-- The maximum number of remembered removals. A replica whose catalog is older reads the whole catalog.
local MAX_REMOVED = 5000

local function integer(number) return string.format('%.0f', number) end
local function serviceKey(service) return PREFIX .. 'service:' .. service end
local function tombstoneKey(member) return PREFIX .. 'left:' .. member end

-- The clock of Redis, the same for all replicas, unless a test passes a time.
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A new or emptied store starts with the time as its index, which is above every earlier index.
local function initialize(now)
  if redis.call('HEXISTS', META, 'epoch') == 1 then return end
  local start = integer(now)
  redis.call('HSET', META, 'epoch', start, 'index', start, 'extinction', start, 'horizon', start)
end

-- An instance is stored as the line INCARNATION REGISTERED_AT CREATE_INDEX CHANGED_AT STATE TTL, then one line each for
-- the override, the states of its checks by id, the checks, and the rest of its definition. A TTL of 0 and an empty line
-- mean none. Any other value is ignored.
local function deserializeInstance(value)
  local incarnation, registeredAt, createIndex, changedAt, state, ttl, override, checkStates, checks, definition =
    string.match(value, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$')
  return definition and {
    incarnation = tonumber(incarnation), registeredAt = tonumber(registeredAt), createIndex = tonumber(createIndex),
    changedAt = tonumber(changedAt), state = state, ttl = tonumber(ttl), override = override, checkStates = checkStates,
    checks = checks, definition = definition,
  }
end

local function loadInstance(service, id)
  local value = redis.call('HGET', serviceKey(service), id)
  return value and deserializeInstance(value)
end

local function serializeInstance(instance)
  return integer(instance.incarnation) .. ' ' .. integer(instance.registeredAt) .. ' ' .. integer(instance.createIndex) ..
    ' ' .. integer(instance.changedAt) .. ' ' .. instance.state .. ' ' .. integer(instance.ttl) .. '\n' ..
    instance.override .. '\n' .. instance.checkStates .. '\n' .. instance.checks .. '\n' .. instance.definition
end

local function checkStatesOf(instance)
  return instance.checkStates == '' and {} or cjson.decode(instance.checkStates)
end

local function checksOf(instance)
  return instance.checks == '' and {} or cjson.decode(instance.checks)
end

local function log(now, index, service, id, entry)
  entry.at, entry.index, entry.service, entry.instanceId = now, index, service, id
  redis.call('LPUSH', LOG, cjson.encode(entry))
  redis.call('LTRIM', LOG, 0, MAX_LOG_ENTRIES - 1)
end

-- Stores a visible change, with a new index and an entry in the log.
local function publish(now, service, id, instance, entry)
  local index = redis.call('HINCRBY', META, 'index', 1)
  local member = service .. '/' .. id
  instance.createIndex, instance.changedAt = instance.createIndex or index, now
  redis.call('HSET', serviceKey(service), id, serializeInstance(instance))
  redis.call('ZADD', CHANGED, integer(index), member)
  redis.call('ZREM', REMOVED, member)
  redis.call('ZADD', SERVICES, integer(index), service)
  log(now, index, service, id, entry)
  redis.call('PUBLISH', CHANGES, service)
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
  for checkId in pairs(checkStatesOf(instance)) do forgetCheck(member, checkId) end
  redis.call('HDEL', serviceKey(service), id)
  redis.call('ZREM', LEASES, member)
  redis.call('ZREM', OVERDUE, member)
  redis.call('ZREM', CHANGED, member)
  local index = redis.call('HINCRBY', META, 'index', 1)
  redis.call('ZADD', REMOVED, integer(index), member)
  if redis.call('ZCARD', REMOVED) > MAX_REMOVED then
    redis.call('HSET', META, 'horizon', redis.call('ZPOPMIN', REMOVED)[2])
  end
  if redis.call('EXISTS', serviceKey(service)) == 1 then
    redis.call('ZADD', SERVICES, integer(index), service)
  else
    redis.call('ZREM', SERVICES, service)
    redis.call('HSET', META, 'extinction', integer(index))
  end
  log(now, index, service, id, entry)
  redis.call('PUBLISH', CHANGES, service)
end

-- A renewal is overdue after two thirds of the lease: a client that renews at a half or a third has missed at least one.
local function renewLease(now, member, ttl)
  if ttl > 0 then
    redis.call('ZADD', LEASES, now + ttl, member)
    redis.call('ZADD', OVERDUE, now + math.floor(ttl * 2 / 3), member)
  else
    redis.call('ZADD', LEASES, 'inf', member)
    redis.call('ZREM', OVERDUE, member)
  end
end

-- Sets the deadline of a check: the end of its TTL or of its critical time, which further critical reports do not extend.
local function scheduleDeadline(now, member, check, status, was)
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

-- Changes the status of a check.
local function setCheckStatus(now, service, id, instance, check, status, output)
  local checkStates = checkStatesOf(instance)
  local was = checkStates[check.id].status
  checkStates[check.id] = { status = status, since = now, output = output }
  instance.checkStates = cjson.encode(checkStates)
  scheduleDeadline(now, service .. '/' .. id .. '/' .. check.id, check, status, was)
  publish(now, service, id, instance, { kind = 'check', from = was, to = status, reason = check.name .. ': ' .. output })
end
