-- What every script of a queue begins with: its keys, its scalars, its endpoints, and its clock.
-- KEYS[1] is the hash of scalars; the other keys are made of it, and so lie in the same slot.

local K = KEYS[1]
local call = redis.call
local pack, unpack_ = cmsgpack.pack, cmsgpack.unpack
local floor, ceil, min, max, huge = math.floor, math.ceil, math.min, math.max, math.huge

-- All functions are in one table, and so are the names of keys: each time that a script runs, it makes all its functions, and
-- one that names many locals of the chunk takes long to make.
local home = {}

-- The other keys. Their names are made as they are needed.
--   endpoints     hash: endpoint's id -> its state, packed
--   producers     set of ids of endpoints
--   consumers     the same
--   slots         hash: slot's id -> packed
--   sessions      hash: session's id -> packed
--   leases        sorted set: session's id by the moment at which it ends, on the queue's clock
--   bodies        hash: a block's first place in the order -> its bytes
--   counts        hash: the same -> how many items it has
--   open          hash: the same -> how many of them are not settled
--   returned      sorted set: runs that came back, 'block:from:to' by from
--   facts         hash: place in the order -> what is not as with a new item, packed
--   seekers       sorted set: who waits for room, by ticket
--   eager         set: who would use room ahead of need
--   holders       set: producers that may be asked to return room
--   hungry        sorted set: consumers where somebody waits for an item, by ticket
--   ahead         sorted set: consumers that take items ahead of need, by ticket
--   fetchers      set: consumers that may be asked to return items
--   stuck         set: consumers of which a delivery waits to put
--   syncs         hash: points in time that not all endpoints have answered, packed
--   joins         hash: who waits for all items before a place, packed
--   tries         hash: questions that wait until room was returned, packed
--   polls         hash: questions that wait until items were returned, packed
--   seen          hash: producer's id -> the number of its latest put
--   seen-at       sorted set: the same ids by when they were heard of
--   marks         hash: hash of an entry of the plain list -> what is known of its earlier deliveries, packed
--   lapsed        hash: session's id -> what is kept of it after its lease ran out, packed
--   lapsed-at     sorted set: the same ids by when that was
--   letters       hash: dead letter's id -> packed
--   letter-order  list of their ids, the oldest first
--   members:ID    set: endpoints and slots of a session
--   outbox:ID     list: what the session has not confirmed
local KEY = setmetatable({}, {
  __index = function(names, name)
    local made = K .. ':' .. name
    names[name] = made
    return made
  end,
})
function home.members(id) return KEY['members:' .. id] end
function home.outbox(id) return KEY['outbox:' .. id] end

-- The scalars; all that are not texts are numbers, and those that are not stored are 0 or empty:
--   version name capacity overflow acknowledge gate maxDeliveries deadLetterCapacity codec temporary lease
--   owner disbanded generation mended lost clock time closed ready epoch epochStart head headBlock tail returned size reserved facts
--   inHand openProducers openConsumers producers consumers stuck ended ticket fence ids
--   seekers sinceSum waitedMs eager alarm recalls itemRecalls joins syncs tries polls
--   list listed put taken acked redelivered refused dropped cleared dead deadDropped lastTaken lastSettled
local TEXTS = { name = true, overflow = true, acknowledge = true, codec = true, generation = true, owner = true, list = true, mended = true }

local q = setmetatable({}, { __index = function(_, name) return TEXTS[name] and '' or 0 end })
local was = {}  -- as they are stored
local bound  -- how many items the queue takes: its capacity
local E = {}    -- endpoints that this script has touched
local dirty = {}
local sessions = {}
local sid       -- whose script this is

-- One command for all: a hash of that size is a list inside, and each field that is named would be looked for from its beginning.
function home.loadQueue()
  local stored = call('HGETALL', K)
  for i = 1, #stored, 2 do
    local name, value = stored[i], stored[i + 1]
    if not TEXTS[name] then value = tonumber(value) end
    was[name] = value
    q[name] = value
  end
  bound = q.capacity < 0 and huge or q.capacity
  return was.version ~= nil
end

function home.saveQueue()
  local changed, n = {}, 0
  for name, value in pairs(q) do
    if value ~= was[name] then
      changed[n + 1] = name
      changed[n + 2] = value
      n = n + 2
    end
  end
  if n > 0 then call('HSET', K, unpack(changed)) end
end

-- The queue's clock is the server's, but for times in which nobody at all was heard of: a server that was down, or could
-- not be reached by anybody, costs nobody a lease.
function home.tick(given)
  local time = tonumber(given)
  if not time then
    local t = call('TIME')
    time = t[1] * 1000 + floor(t[2] / 1000)
  end
  q.clock = q.clock + min(max(0, time - q.time), floor(q.lease / 2))
  q.time = time
end

function home.ticket()
  q.ticket = q.ticket + 1
  return q.ticket
end

-- --- endpoints and sessions ---------------------------------------------------------------------------------------------

function home.endpoint(id)
  local e = E[id]
  if e == nil then
    local stored = call('HGET', KEY.endpoints, id)
    e = stored and unpack_(stored) or false
    E[id] = e
  end
  return e
end

function home.touch(e)
  dirty[e.id] = e
end

function home.session(id)
  local s = sessions[id]
  if s == nil then
    local stored = call('HGET', KEY.sessions, id)
    s = stored and unpack_(stored) or false
    sessions[id] = s
  end
  return s
end

-- How long a session may be silent. The queue's own is the shortest one of all.
function home.leaseOf(s)
  return s.lease or q.lease
end

function home.saveEndpoints()
  for id, e in pairs(dirty) do
    if e then call('HSET', KEY.endpoints, id, pack(e)) end
  end
end

function home.accepting()
  return q.gate == 0 or q.ready == 1
end

function home.room()
  return bound - q.size - q.reserved
end

function home.waiting()
  return q.tail - q.head + q.returned + q.listed
end
