-- Looks at a queue. It joins no session and writes nothing: who looks neither keeps the queue's clock going nor ends a lease.
--
-- ARGV: what to look at ('list', 'show' or 'letters'), the layout that the reader knows, how many dead letters (-1: all).
-- Reply: { 0, packed, bytes }, { 3 } when there is no such queue, or { 4, version, name } when it is of another layout.

if not home.loadQueue() then return { 3 } end
if q.version ~= tonumber(ARGV[2]) then return { 4, q.version, q.name } end

if ARGV[1] == 'letters' then
  local list, bytes = home.readLetters(tonumber(ARGV[3]))
  return { 0, pack({ codec = q.codec, total = call('LLEN', KEY['letter-order']), letters = list }), bytes }
end

-- Since when nobody at all was heard of: the clock goes on by as much of it as the next one to come will make it.
local heard, before = q.time, q.clock
home.tick('')
-- What others have done to a plain list since the last script is seen, and noted by the next one to come.
if q.list ~= '' then q.size = q.size + call('LLEN', q.list:match('^[LR]%d+:(.*)$')) - q.listed end
local seen = {
  name = q.name, generation = q.generation, codec = q.codec, exclusive = q.temporary == 1, list = q.list,
  capacity = q.capacity, overflow = q.overflow, acknowledge = q.acknowledge, maxDeliveries = q.maxDeliveries,
  deadLetterCapacity = q.deadLetterCapacity, lease = q.lease, gate = q.gate == 1, ready = q.ready == 1,
  closed = q.closed == 1, ended = q.ended == 1, waitingProducers = q.seekers, letters = call('LLEN', KEY['letter-order']),
  sessionCount = call('HLEN', KEY.sessions), time = q.time, silent = max(0, q.time - heard), stats = home.stats(),
  lastTaken = q.lastTaken > 0 and q.clock - q.lastTaken or -1, lastSettled = q.lastSettled > 0 and q.clock - q.lastSettled or -1,
}
if ARGV[1] == 'list' then return { 0, pack(seen) } end

-- How long a lease still has, and how long ago its session was heard of. The clock counts only a part of a silence.
local sessionsSeen = {}
local skipped = q.clock - before
local leases = call('ZRANGE', KEY.leases, 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local id, stop = leases[i], tonumber(leases[i + 1])
  sessionsSeen[#sessionsSeen + 1] = {
    id = id, left = stop - q.clock, heard = max(0, q.clock - skipped - (home.session(id) and home.session(id).heard or 0)) + seen.silent,
    endpoints = call('SCARD', home.members(id)), unread = call('LLEN', home.outbox(id)), owner = q.temporary == 1 and q.owner == id,
  }
end
local endpointsSeen = {}
for _, stored in ipairs(call('HVALS', KEY.endpoints)) do
  local e = unpack_(stored)
  endpointsSeen[#endpointsSeen + 1] = {
    id = e.id, role = e.role, session = e.session, worker = e.worker or false, madeAt = e.madeAt or false, away = e.away or false,
    inHand = e.inHand or 0, fetched = e.fetched or 0, waiting = (e.role == 'producer' and e.inLine or e.role == 'consumer' and e.waiting > 0) and true or false,
    room = e.role == 'producer' and e.outstanding or 0,
  }
end
local slotsSeen = {}
local slots = call('HGETALL', KEY.slots)
for i = 1, #slots, 2 do
  local slot = unpack_(slots[i + 1])
  slotsSeen[#slotsSeen + 1] = { id = slots[i], role = slot.role, session = slot.session, worker = slot.worker or false, madeAt = slot.madeAt or false }
end
seen.sessions, seen.endpoints, seen.slots, seen.blockers = sessionsSeen, endpointsSeen, slotsSeen, home.blockers()
return { 0, pack(seen) }
