-- What every script of a queue begins with: its keys, its scalars, its endpoints, and its clock.
-- KEYS[1] is the hash of scalars; the other keys are made of it, and so lie in the same slot.

local K = KEYS[1]
local call = redis.call
local pack, unpack_ = cmsgpack.pack, cmsgpack.unpack
local floor, ceil, min, max, huge = math.floor, math.ceil, math.min, math.max, math.huge

local ENDPOINTS = K .. ':endpoints' -- hash: endpoint's id -> its state, packed
local PRODUCERS = K .. ':producers' -- set of ids, and so on
local CONSUMERS = K .. ':consumers'
local SLOTS = K .. ':slots'         -- hash: slot's id -> packed
local SESSIONS = K .. ':sessions'   -- hash: session's id -> packed
local LEASES = K .. ':leases'       -- sorted set: session's id by the moment at which it ends, on the queue's clock
local BODIES = K .. ':bodies'       -- hash: a block's first place in the order -> its bytes
local COUNTS = K .. ':counts'       -- hash: the same -> how many items it has
local OPEN = K .. ':open'           -- hash: the same -> how many of them are not settled
local RETURNED = K .. ':returned'   -- sorted set: runs that came back, 'block:from:to' by from
local FACTS = K .. ':facts'         -- hash: place in the order -> what is not as with a new item, packed
local SEEKERS = K .. ':seekers'     -- sorted set: who waits for room, by ticket
local EAGER = K .. ':eager'         -- set: who would use room ahead of need
local HOLDERS = K .. ':holders'     -- set: producers that may be asked to return room
local HUNGRY = K .. ':hungry'       -- sorted set: consumers where somebody waits for an item, by ticket
local AHEAD = K .. ':ahead'         -- sorted set: consumers that take items ahead of need, by ticket
local FETCHERS = K .. ':fetchers'   -- set: consumers that may be asked to return items
local STUCK = K .. ':stuck'         -- set: consumers of which a delivery waits to put
local SYNCS = K .. ':syncs'         -- hash: points in time that not all endpoints have answered, packed
local JOINS = K .. ':joins'         -- hash: who waits for all items before a place, packed
local TRIES = K .. ':tries'         -- hash: questions that wait until room was returned, packed
local POLLS = K .. ':polls'         -- hash: questions that wait until items were returned, packed
local SEEN = K .. ':seen'           -- hash: producer's id -> the number of its latest put
local SEEN_AT = K .. ':seen-at'     -- sorted set: the same ids by when they were heard of
local MARKS = K .. ':marks'         -- hash: hash of an entry of the plain list -> what is known of its earlier deliveries, packed
local LAPSED = K .. ':lapsed'         -- hash: session's id -> what is kept of it after its lease ran out, packed
local LAPSED_AT = K .. ':lapsed-at'   -- sorted set: the same ids by when that was
local LETTERS = K .. ':letters'     -- hash: dead letter's id -> packed
local LETTER_ORDER = K .. ':letter-order' -- list of their ids, the oldest first
local function MEMBERS(sid) return K .. ':members:' .. sid end -- set: endpoints and slots of a session
local function OUTBOX(sid) return K .. ':outbox:' .. sid end   -- list: what the session has not confirmed

local NAMES = {
  'version', 'name', 'capacity', 'overflow', 'acknowledge', 'gate', 'maxDeliveries', 'deadLetterCapacity', 'codec', 'temporary', 'lease',
  'owner', 'disbanded', 'generation', 'clock', 'time', 'closed', 'ready', 'epoch', 'epochStart', 'head', 'headBlock', 'tail', 'returned', 'size', 'reserved',
  'inHand', 'openProducers', 'openConsumers', 'producers', 'consumers', 'stuck', 'ended', 'ticket', 'fence', 'ids',
  'seekers', 'sinceSum', 'waitedMs', 'eager', 'alarm', 'recalls', 'itemRecalls', 'joins', 'syncs', 'tries', 'polls',
  'list', 'listed', 'put', 'taken', 'acked', 'redelivered', 'refused', 'dropped', 'cleared', 'dead', 'deadDropped', 'lastTaken', 'lastSettled',
}
local TEXTS = { name = true, overflow = true, acknowledge = true, codec = true, generation = true, owner = true, list = true }

local q = {}    -- the scalars
local was = {}  -- as they are stored
local E = {}    -- endpoints that this script has touched
local dirty = {}
local sessions = {}
local sid       -- whose script this is

local function loadQueue()
  local values = call('HMGET', K, unpack(NAMES))
  if not values[1] then return false end
  for i, name in ipairs(NAMES) do
    local value = values[i]
    if value and not TEXTS[name] then value = tonumber(value) end
    was[name] = value
    if not value then value = TEXTS[name] and '' or 0 end
    q[name] = value
  end
  q.bound = q.capacity < 0 and huge or q.capacity
  return true
end

local function saveQueue()
  local changed, n = {}, 0
  for _, name in ipairs(NAMES) do
    if q[name] ~= was[name] then
      changed[n + 1] = name
      changed[n + 2] = q[name]
      n = n + 2
    end
  end
  if n > 0 then call('HSET', K, unpack(changed)) end
end

-- The queue's clock is the server's, but for times in which nobody at all was heard of: a server that was down, or could
-- not be reached by anybody, costs nobody a lease.
local function tick(given)
  local time = tonumber(given)
  if not time then
    local t = call('TIME')
    time = t[1] * 1000 + floor(t[2] / 1000)
  end
  q.clock = q.clock + min(max(0, time - q.time), floor(q.lease / 2))
  q.time = time
end

local function ticket()
  q.ticket = q.ticket + 1
  return q.ticket
end

-- --- endpoints and sessions ---------------------------------------------------------------------------------------------

local function endpoint(id)
  local e = E[id]
  if e == nil then
    local stored = call('HGET', ENDPOINTS, id)
    e = stored and unpack_(stored) or false
    E[id] = e
  end
  return e
end

local function touch(e)
  dirty[e.id] = e
end

local function session(id)
  local s = sessions[id]
  if s == nil then
    local stored = call('HGET', SESSIONS, id)
    s = stored and unpack_(stored) or false
    sessions[id] = s
  end
  return s
end

-- How long a session may be silent. The queue's own is the shortest one of all.
local function leaseOf(s)
  return s.lease or q.lease
end

local function saveEndpoints()
  for id, e in pairs(dirty) do
    if e then call('HSET', ENDPOINTS, id, pack(e)) end
  end
end

local function accepting()
  return q.gate == 0 or q.ready == 1
end

local function room()
  return q.bound - q.size - q.reserved
end

local function waiting()
  return q.tail - q.head + q.returned + q.listed
end
