-- ARGV: those of find-instance.lua, state → 'renewed', 'done', 'none', 'superseded', or 'several' and the ids
renewLease(now, service .. '/' .. id, instance.ttl)
local state = ARGV[7]
if state == '' or state == instance.state then return { 'renewed' } end
local entry = { kind = 'declared', from = instance.state, to = state }
instance.state = state
publish(now, service, id, instance, entry)
return { 'done' }
