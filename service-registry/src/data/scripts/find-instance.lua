-- ARGV of a script that changes one instance: now, service, id, how a definition of the url begins, the id that the url
-- alone would give, incarnation. By id in one step; by url in one where the id was made from it; by service alone where
-- it has one instance. Whoever goes on after this file has the instance and its id; else the outcome is returned.
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
