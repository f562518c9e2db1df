import { SHARED } from './shared.ts';

/**
 * service, id, how a declaration of the url begins, the id that the url alone would give, incarnation → the instance
 * and its id, or the outcome. By id in one step; by url in one where the id was made from it; by service alone where
 * it has one instance.
 */
const FIND = `
local function beginsWith(value, url)
  local instance = read(value)
  return instance and string.sub(instance.declaration, 1, #url) == url
end

local function idsOf(service, id, url, guess)
  local key = serviceKey(service)
  if id ~= '' then return { id } end
  if url == '' then return redis.call('HKEYS', key) end
  local guessed = redis.call('HGET', key, guess)
  if guessed and beginsWith(guessed, url) then return { guess } end
  local entries, ids = redis.call('HGETALL', key), {}
  for at = 1, #entries, 2 do
    if beginsWith(entries[at + 1], url) then table.insert(ids, entries[at]) end
  end
  return ids
end

local function find(service, id, url, guess, incarnation)
  local ids = idsOf(service, id, url, guess)
  if #ids == 0 then return nil, { 'none' } end
  if #ids > 1 then return nil, { 'several', ids } end
  local instance = stored(service, ids[1])
  if not instance then return nil, { 'none' } end
  if incarnation and incarnation < instance.incarnation then return nil, { 'superseded' } end
  return instance, ids[1]
end
`;

const FOUND = `${SHARED}${FIND}
local now, service = clock(ARGV[1]), ARGV[2]
local instance, id = find(service, ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]))
if not instance then return id end
`;

/** now, the selector's five, state → 'renewed', 'done', 'none', 'superseded', or 'several' and the ids */
export const RENEW = `${FOUND}
renewLease(now, service .. '/' .. id, instance.ttl)
local state = ARGV[7]
if state == '' or state == instance.state then return { 'renewed' } end
local entry = { kind = 'declared', from = instance.state, to = state }
instance.state = state
publish(now, service, id, instance, entry)
return { 'done' }
`;

/** now, the selector's five → 'done' or as RENEW. A heartbeat on its way must not bring back who unregistered. */
export const REMOVE = `${FOUND}
if instance.incarnation > 0 and instance.ttl > 0 then
  redis.call('SET', leftKey(service .. '/' .. id), integer(instance.incarnation), 'PX', integer(instance.ttl))
end
remove(now, service, id, instance, { kind = 'unregistered' })
return { 'done' }
`;

/** now, the selector's five, state, reason, label → as RENEW; without a state the override ends. */
export const OVERRIDE = `${FOUND}
local state, reason, label = ARGV[7], ARGV[8], ARGV[9]
local old = instance.override ~= '' and cjson.decode(instance.override) or {}
if state == (old.state or '') and reason == (old.reason or '') and label == (old.label or '') then return { 'done' } end
if state == '' then
  instance.override = ''
  publish(now, service, id, instance, { kind = 'override-ended', from = old.state, reason = old.reason })
else
  local override = { state = state, reason = reason, since = now }
  if label ~= '' then override.label = label end
  instance.override = cjson.encode(override)
  publish(now, service, id, instance, { kind = 'override', from = old.state, to = state, reason = reason })
end
return { 'done' }
`;

/** now, kind, check, service, id, incarnation, status, output, observation → 'done', 'none' or 'superseded' */
export const REPORT = `${SHARED}
local now, kind, checkId, service, id = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if service == '' then
  service, id = string.match(redis.call('HGET', CHECKS, checkId) or '', '^([^/]+)/(.*)$')
  if not service then return { 'none' } end
end
local instance, incarnation, status = stored(service, id), tonumber(ARGV[6]), ARGV[7]
if not instance then return { 'none' } end
if incarnation and incarnation ~= instance.incarnation then return { 'superseded' } end
local check = checkOf(instance, kind, checkId)
if not check then return { 'none' } end

local member = service .. '/' .. id .. '/' .. checkId
redis.call('HSET', OBSERVED, member, integer(now) .. ' ' .. ARGV[9])
if verdictsOf(instance)[checkId].status == status then
  expect(now, member, check, status, status)
else
  judge(now, service, id, instance, check, status, ARGV[8])
end
return { 'done' }
`;
