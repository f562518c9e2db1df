import { SHARED } from './shared.ts';

/**
 * now, service, id, state, ttl, incarnation, checks, declaration, most → 'done', 'renewed', 'superseded' or 'full'. A
 * heartbeat that says nothing new renews the lease and ends there.
 */
export const UPSERT = `${SHARED}
local now, service, id = clock(ARGV[1]), ARGV[2], ARGV[3]
local state, ttl, incarnation, checks, declaration = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
local member = service .. '/' .. id
local old = stored(service, id)
local sameProcess = old and (not incarnation or incarnation == old.incarnation)
local sameDeclaration = old and declaration == old.declaration and checks == old.checks
if sameProcess and sameDeclaration and state == old.state and ttl == old.ttl then
  renewLease(now, member, ttl)
  return { 'renewed' }
end

begin(now)
local left = tonumber(redis.call('GET', leftKey(member)))
if incarnation and left and incarnation <= left then return { 'superseded' } end
if incarnation and old and incarnation < old.incarnation then return { 'superseded' } end
if not old and redis.call('ZCARD', LEASES) >= tonumber(ARGV[9]) then return { 'full' } end

local instance = { incarnation = incarnation or 0, registeredAt = now, override = '' }
if old then instance.createIndex, instance.override = old.createIndex, old.override end
if sameProcess then instance.incarnation, instance.registeredAt = old.incarnation, old.registeredAt end
instance.state, instance.ttl, instance.checks, instance.declaration = state, ttl, checks, declaration

-- What was found out about a process holds for as long as that process, and for the checks that it still has.
local before, verdicts, any = old and verdictsOf(old) or {}, {}, false
for _, check in ipairs(checksOf(instance)) do
  local verdict = sameProcess and before[check.id] or { status = check.initial, since = now, output = '' }
  verdicts[check.id], any = verdict, true
  expect(now, member .. '/' .. check.id, check, verdict.status)
  if check.kind == 'ttl' then redis.call('HSET', CHECKS, check.id, member) end
end
for checkId in pairs(before) do
  if not verdicts[checkId] then forgetCheck(member, checkId) end
end
instance.verdicts = any and cjson.encode(verdicts) or ''

local entry = { kind = 'registered', to = state }
if old then
  entry.kind = not sameProcess and 'superseded' or sameDeclaration and state ~= old.state and 'declared' or 'modified'
  if state ~= old.state then entry.from = old.state else entry.to = nil end
end
renewLease(now, member, ttl)
publish(now, service, id, instance, entry)
return { 'done' }
`;
