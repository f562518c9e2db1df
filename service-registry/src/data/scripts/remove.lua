-- ARGV: those of find-instance.lua → 'done', 'none', 'superseded', or 'several' and the ids
-- A heartbeat already sent must not register an unregistered instance again.
if instance.incarnation > 0 and instance.ttl > 0 then
  redis.call('SET', tombstoneKey(service .. '/' .. id), integer(instance.incarnation), 'PX', integer(instance.ttl))
end
remove(now, service, id, instance, { kind = 'unregistered' })
return { 'done' }
