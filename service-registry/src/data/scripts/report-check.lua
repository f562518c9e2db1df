-- ARGV: now, kind, check, service, id, incarnation, status, output, observation → 'done', 'none' or 'superseded'
local now, kind, checkId, service, id = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if service == '' then
  service, id = string.match(redis.call('HGET', CHECKS, checkId) or '', '^([^/]+)/(.*)$')
  if not service then return { 'none' } end
end
local instance, incarnation, status = loadInstance(service, id), tonumber(ARGV[6]), ARGV[7]
if not instance then return { 'none' } end
if incarnation and incarnation ~= instance.incarnation then return { 'superseded' } end
local check = checkOf(instance, kind, checkId)
if not check then return { 'none' } end

local member = service .. '/' .. id .. '/' .. checkId
redis.call('HSET', OBSERVED, member, integer(now) .. ' ' .. ARGV[9])
if checkStatesOf(instance)[checkId].status == status then
  scheduleDeadline(now, member, check, status, status)
else
  setCheckStatus(now, service, id, instance, check, status, ARGV[8])
end
return { 'done' }
