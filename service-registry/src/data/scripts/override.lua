-- ARGV: those of find-instance.lua, state, reason, label → 'done', 'none', 'superseded', or 'several' and the ids.
-- Without a state the override ends.
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
