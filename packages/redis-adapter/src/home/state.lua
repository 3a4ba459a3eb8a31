-- What every script of a queue begins with: its keys, its scalars, its endpoints, and its clock.
-- KEYS[1] is the hash of scalars; the other keys are made of it, and so lie in the same slot.
--
-- A script makes its functions each time that it runs, which is a good part of what a turn costs. So in each file the locals of
-- the chunk come first, then functions and nothing else: those that every put needs, behind a line those that are needed at
-- times, and behind another one those that are rarely needed. See `scripts.ts`, which also writes the numbers of messages in the place
-- of their names.

local K = KEYS[1]
local call = redis.call
local pack, unpack_ = cmsgpack.pack, cmsgpack.unpack
local floor, ceil, min, max, huge = math.floor, math.ceil, math.min, math.max, math.huge

-- All functions are in one table, and so are the names of keys: one that names many locals takes long to make. A function that is
-- not there is made when it is asked for, with all others of its kind.
local making = {}
local made = 0
local home = setmetatable({}, {
  __index = function(functions, name)
    while making[made + 1] and not rawget(functions, name) do
      made = made + 1
      making[made]()
    end
    return rawget(functions, name)
  end,
})

-- The other keys. Their names are made as they are needed.
--   endpoints     hash: endpoint's id -> its state, packed
--   producers     set of ids of endpoints
--   consumers     the same
--   slots         hash: slot's id -> packed
--   sessions      hash: session's id -> packed
--   leases        sorted set: session's id by the moment at which it ends, on the queue's clock
--   bodies        hash: a block's first place in the order -> its bytes
--   counts        hash: the same -> how many items it has
--   settled       hash: the same -> how many of them are settled, where some are
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
--   seen          hash: id of a putter that is gone -> the number of its latest put
--   seen-at       sorted set: the same ids by when they went
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

-- The scalars; all that are not texts are numbers, and those that are not stored are 0 or empty:
--   version name capacity overflow acknowledge gate maxDeliveries deadLetterCapacity codec temporary lease
--   owner disbanded generation mended lost clock time closed ready epoch epochStart head headBlock tail returned size
--   reserved facts settled inHand openProducers openConsumers producers consumers hungry ahead stuck ended ticket fence ids
--   seekers sinceSum waitedMs eager alarm recalls itemRecalls joins syncs tries polls
--   list listed put taken acked redelivered refused dropped cleared dead deadDropped lastTaken lastSettled
local TEXTS = { name = '', overflow = '', acknowledge = '', codec = '', generation = '', owner = '', list = '', mended = '' }
local DEFAULTS = { __index = function(_, name) return TEXTS[name] or 0 end }

local q         -- the scalars
local bound     -- how many items the queue takes: its capacity
local E = {}    -- endpoints that this script has touched
local dirty = {}
local sessions = {}
local sid       -- whose script this is

function home.outbox(id) return KEY['outbox:' .. id] end

-- They are packed as one. Beside them stand those by which a queue of another layout is known.
function home.loadQueue()
  local stored = call('HMGET', K, 'version', 'name', 'state')
  local version = tonumber(stored[1])
  if not version then return false end
  q = version == LAYOUT and unpack_(stored[3]) or { version = version, name = stored[2] or '' }
  home.startQueue(q)
  return true
end

function home.startQueue(scalars)
  q = setmetatable(scalars, DEFAULTS)
  bound = q.capacity < 0 and huge or q.capacity
end

function home.saveQueue()
  call('HSET', K, 'state', pack(q))
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

-- Sessions whose lease has ended. The one that asks is alive, whatever its lease says, as long as nobody ended it.
function home.reap()
  for _, id in ipairs(call('ZRANGEBYSCORE', KEY.leases, '-inf', q.clock)) do
    if id ~= sid then home.lapse(id) end
  end
end

function home.saveEndpoints()
  local stored, n = {}, 0
  for id, e in pairs(dirty) do
    stored[n + 1], stored[n + 2] = id, pack(e)
    n = n + 2
  end
  if n > 0 then call('HSET', KEY.endpoints, unpack(stored)) end
end

-- A lease is renewed in good time, not each time.
function home.renew(s)
  local lease = home.leaseOf(s)
  s.heard = q.clock
  if (s.ends or 0) - q.clock >= lease * 15 / 16 then return end
  s.ends = q.clock + lease
  call('ZADD', KEY.leases, s.ends, sid)
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

-- --- rarely ---

function home.members(id) return KEY['members:' .. id] end
