-- ARGV: now, service, id, state, ttl, incarnation, checks, definition, most instances → 'done', 'renewed', 'superseded'
-- or 'full'. A heartbeat without changes only renews the lease.
local now, service, id = clock(ARGV[1]), ARGV[2], ARGV[3]
local state, ttl, incarnation, checks, definition = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
local member = service .. '/' .. id
local old = loadInstance(service, id)
local sameProcess = old and (not incarnation or incarnation == old.incarnation)
local sameDefinition = old and definition == old.definition and checks == old.checks
if sameProcess and sameDefinition and state == old.state and ttl == old.ttl then
  renewLease(now, member, ttl)
  return { 'renewed' }
end

initialize(now)
local tombstone = tonumber(redis.call('GET', tombstoneKey(member)))
if incarnation and tombstone and incarnation <= tombstone then return { 'superseded' } end
if incarnation and old and incarnation < old.incarnation then return { 'superseded' } end
if not old and redis.call('ZCARD', LEASES) >= tonumber(ARGV[9]) then return { 'full' } end

local instance = { incarnation = incarnation or 0, registeredAt = now, override = '' }
if old then instance.createIndex, instance.override = old.createIndex, old.override end
if sameProcess then instance.incarnation, instance.registeredAt = old.incarnation, old.registeredAt end
instance.state, instance.ttl, instance.checks, instance.definition = state, ttl, checks, definition

-- The states of checks stay for the same process, for the checks that it still has.
local before, checkStates, any = old and checkStatesOf(old) or {}, {}, false
for _, check in ipairs(checksOf(instance)) do
  local checkState = sameProcess and before[check.id] or { status = check.initial, since = now, output = '' }
  checkStates[check.id], any = checkState, true
  scheduleDeadline(now, member .. '/' .. check.id, check, checkState.status)
  if check.kind == 'ttl' then redis.call('HSET', CHECKS, check.id, member) end
end
for checkId in pairs(before) do
  if not checkStates[checkId] then forgetCheck(member, checkId) end
end
instance.checkStates = any and cjson.encode(checkStates) or ''

local entry = { kind = 'registered', to = state }
if old then
  entry.kind = not sameProcess and 'superseded' or sameDefinition and state ~= old.state and 'declared' or 'modified'
  if state ~= old.state then entry.from = old.state else entry.to = nil end
end
renewLease(now, member, ttl)
publish(now, service, id, instance, entry)
return { 'done' }
