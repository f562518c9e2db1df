-- ARGV of a script that changes one instance: now, service, id, the beginning of a definition with the url, the id
-- derived from the url, incarnation. Finds by id; by url, first under the derived id; by service alone if it has one
-- instance. A script after this file has `instance` and `id`; if none is found, the outcome is returned here.
local function beginsWith(value, url)
  local instance = deserializeInstance(value)
  return instance and string.sub(instance.definition, 1, #url) == url
end

local function candidateIds(service, id, url, guess)
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

local function findInstance(service, id, url, guess, incarnation)
  local ids = candidateIds(service, id, url, guess)
  if #ids == 0 then return nil, { 'none' } end
  if #ids > 1 then return nil, { 'several', ids } end
  local instance = loadInstance(service, ids[1])
  if not instance then return nil, { 'none' } end
  if incarnation and incarnation < instance.incarnation then return nil, { 'superseded' } end
  return instance, ids[1]
end

local now, service = clock(ARGV[1]), ARGV[2]
local instance, id = findInstance(service, ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]))
if not instance then return id end
