/**
 * What Redis runs, each script as a whole and alone, so that a change and its index are one. All keys share a
 * hash tag and each script is called with one of them, so that in a cluster all of it happens on one node.
 *
 *   …:meta           hash   epoch, index, extinction; the sweeper's lease and what it last did
 *   …:services       zset   service → index of its last change
 *   …:leases         zset   service/instanceId → when its lease ends, in milliseconds
 *   …:service:NAME   hash   instanceId → "INCARNATION REGISTERED_AT STATE TTL\nDECLARATION"
 *   …:gone:NAME/ID   string the incarnation that unregistered, until no heartbeat of it can come any more
 */
export const PREFIX = '{plaza-registry}:';

/** A hint that something changed; whoever misses it finds out by polling. */
export const CHANGES = `${PREFIX}changes`;

/** The key that each script is called with. */
export const META = `${PREFIX}meta`;
export const LEASES = `${PREFIX}leases`;
export const SERVICES = `${PREFIX}services`;

const SHARED = `
local PREFIX = '${PREFIX}'
local META, SERVICES, LEASES = KEYS[1], '${SERVICES}', '${LEASES}'

local function integer(number) return string.format('%.0f', number) end
local function serviceKey(service) return PREFIX .. 'service:' .. service end
local function goneKey(service, id) return PREFIX .. 'gone:' .. service .. '/' .. id end

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
  redis.call('HSET', META, 'epoch', start, 'index', start, 'extinction', start)
end

local function changed(service)
  local index = integer(redis.call('HINCRBY', META, 'index', 1))
  if redis.call('EXISTS', serviceKey(service)) == 1 then
    redis.call('ZADD', SERVICES, index, service)
  else
    redis.call('ZREM', SERVICES, service)
    redis.call('HSET', META, 'extinction', index)
  end
  redis.call('PUBLISH', '${CHANGES}', service)
end

local function read(value)
  local incarnation, registeredAt, state, ttl, declaration = string.match(value, '^(%S+) (%S+) (%S+) (%S+)\\n(.*)$')
  return { incarnation = tonumber(incarnation), registeredAt = tonumber(registeredAt), state = state, ttl = tonumber(ttl), declaration = declaration }
end

local function written(instance)
  return integer(instance.incarnation) .. ' ' .. integer(instance.registeredAt) .. ' ' .. instance.state .. ' ' ..
    integer(instance.ttl) .. '\\n' .. instance.declaration
end

local function remove(service, id)
  redis.call('HDEL', serviceKey(service), id)
  redis.call('ZREM', LEASES, service .. '/' .. id)
  changed(service)
end

-- The ids that a selector means: by id, by url, or all.
local function selected(service, id, url)
  if id ~= '' then
    return redis.call('HEXISTS', serviceKey(service), id) == 1 and { id } or {}
  end
  local entries, ids = redis.call('HGETALL', serviceKey(service)), {}
  for at = 1, #entries, 2 do
    if url == '' or cjson.decode(read(entries[at + 1]).declaration).url == url then table.insert(ids, entries[at]) end
  end
  return ids
end
`;

/** now, service, id, state, ttl, incarnation, declaration, most → 'done', 'superseded' or 'full' */
export const UPSERT = `${SHARED}
local now, service, id = clock(ARGV[1]), ARGV[2], ARGV[3]
local incarnation, most = tonumber(ARGV[6]), tonumber(ARGV[8])
begin(now)
local gone = redis.call('GET', goneKey(service, id))
if incarnation and gone and incarnation <= tonumber(gone) then return { 'superseded' } end
local instance = { incarnation = incarnation or 0, registeredAt = now, state = ARGV[4], ttl = tonumber(ARGV[5]), declaration = ARGV[7] }
local known = redis.call('HGET', serviceKey(service), id)
if known then
  local old = read(known)
  if incarnation and incarnation < old.incarnation then return { 'superseded' } end
  instance.incarnation = incarnation or old.incarnation
  if instance.incarnation == old.incarnation then instance.registeredAt = old.registeredAt end
elseif redis.call('ZCARD', LEASES) >= most then
  return { 'full' }
end
redis.call('ZADD', LEASES, now + instance.ttl, service .. '/' .. id)
local value = written(instance)
if value ~= known then
  redis.call('HSET', serviceKey(service), id, value)
  changed(service)
end
return { 'done' }
`;

/** now, service, id, url, incarnation, state → 'done', 'none', 'superseded', or 'several' and the ids */
export const RENEW = `${SHARED}
local now, service = clock(ARGV[1]), ARGV[2]
local incarnation = tonumber(ARGV[5])
local ids = selected(service, ARGV[3], ARGV[4])
if #ids == 0 then return { 'none' } end
if #ids > 1 then return { 'several', ids } end
local instance = read(redis.call('HGET', serviceKey(service), ids[1]))
if incarnation and incarnation < instance.incarnation then return { 'superseded' } end
redis.call('ZADD', LEASES, now + instance.ttl, service .. '/' .. ids[1])
if ARGV[6] ~= '' and ARGV[6] ~= instance.state then
  instance.state = ARGV[6]
  redis.call('HSET', serviceKey(service), ids[1], written(instance))
  changed(service)
end
return { 'done' }
`;

/** service, id, url, incarnation → as RENEW. A heartbeat on its way must not bring back who unregistered. */
export const REMOVE = `${SHARED}
local service, incarnation = ARGV[1], tonumber(ARGV[4])
local ids = selected(service, ARGV[2], ARGV[3])
if #ids == 0 then return { 'none' } end
if #ids > 1 then return { 'several', ids } end
local instance = read(redis.call('HGET', serviceKey(service), ids[1]))
if incarnation and incarnation < instance.incarnation then return { 'superseded' } end
if instance.incarnation > 0 then
  redis.call('SET', goneKey(service, ids[1]), integer(instance.incarnation), 'PX', integer(instance.ttl))
end
remove(service, ids[1])
return { 'done' }
`;

/**
 * now, epoch, index → epoch, index, extinction, whether names follow, the names' number, the names, and for each
 * service that changed after the index: its name, its index, its hash
 */
export const CHANGES_SINCE = `${SHARED}
begin(clock(ARGV[1]))
local head = redis.call('HMGET', META, 'epoch', 'index', 'extinction')
local since = tonumber(ARGV[3])
if head[1] ~= ARGV[2] or since > tonumber(head[2]) then since = -1 end
local gone = since < tonumber(head[3])
local names = gone and redis.call('ZRANGE', SERVICES, 0, -1) or {}
local changed = redis.call('ZRANGE', SERVICES, '(' .. integer(since), '+inf', 'BYSCORE', 'WITHSCORES')
local services = {}
for at = 1, #changed, 2 do
  table.insert(services, { changed[at], changed[at + 1], redis.call('HGETALL', serviceKey(changed[at])) })
end
return { head[1], head[2], head[3], gone and 1 or 0, names, services }
`;

/**
 * now, owner, lease, gap, hold, batch → 'other', 'held', or 'swept' and the members that went. After a gap in the
 * sweeping (no registry ran, or Redis did not) nobody could renew: all get a hold's time to do so.
 */
export const SWEEP = `${SHARED}
local now, owner, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
begin(now)
local state = redis.call('HMGET', META, 'sweeper', 'sweeperUntil', 'sweptAt', 'holdUntil')
local heldUntil = tonumber(state[2] or 0)
if state[1] and state[1] ~= owner and heldUntil > now and heldUntil <= now + lease then return { 'other' } end
redis.call('HSET', META, 'sweeper', owner, 'sweeperUntil', integer(now + lease), 'sweptAt', integer(now))
local holdUntil = tonumber(state[4] or 0)
if not state[3] or now - tonumber(state[3]) > tonumber(ARGV[4]) then
  holdUntil = now + tonumber(ARGV[5])
  redis.call('HSET', META, 'holdUntil', integer(holdUntil))
end
if now < holdUntil then return { 'held' } end
local expired = redis.call('ZRANGE', LEASES, '-inf', integer(now), 'BYSCORE', 'LIMIT', 0, tonumber(ARGV[6]))
for _, member in ipairs(expired) do
  local service, id = string.match(member, '^([^/]+)/(.*)$')
  remove(service, id)
end
return { 'swept', expired }
`;
