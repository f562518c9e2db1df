-- ARGV: those of find-instance.lua → 'done', 'none', 'superseded', or 'several' and the ids
-- A heartbeat on its way must not bring back who unregistered.
if instance.incarnation > 0 and instance.ttl > 0 then
  redis.call('SET', tombstoneKey(service .. '/' .. id), integer(instance.incarnation), 'PX', integer(instance.ttl))
end
remove(now, service, id, instance, { kind = 'unregistered' })
return { 'done' }
