-- Who is open at the queue: endpoints and slots, each with a session, and the points in time that all of them are told of.

local checkEnd -- below

local function countOpen(role, by)
  if role == 'producer' then q.openProducers = q.openProducers + by else q.openConsumers = q.openConsumers + by end
end

local function addEndpoint(id, role, owner, worker, madeAt)
  local e = { id = id, role = role, session = owner, worker = worker, madeAt = madeAt }
  if role == 'producer' then
    e.outstanding, e.waiting, e.arrived = 0, 0, 0
    q.producers = q.producers + 1
    call('SADD', PRODUCERS, id)
  else
    e.credit, e.waiting, e.inHand, e.last, e.latest, e.latestBegun = 0, 0, 0, 0, -1, -1
    e.fetched, e.expected, e.flying, e.lone, e.nacks, e.parts = 0, 0, {}, 0, 0, {}
    q.consumers = q.consumers + 1
    call('SADD', CONSUMERS, id)
  end
  countOpen(role, 1)
  E[id] = e
  touch(e)
  call('SADD', MEMBERS(owner), id)
  -- It learns what the queue's state is before anything else.
  emit(e, { id, TO.SYNC, 0, q.epoch, not accepting() })
  if role == 'consumer' and q.closed == 1 and q.openProducers == 0 and q.size == 0 then tellDrained(e) end
  return e
end

-- --- points in time -----------------------------------------------------------------------------------------------------

local function syncDone(key, sync)
  call('HDEL', SYNCS, key)
  q.syncs = q.syncs - 1
  if sync.kind == 'clear' then
    answer(sync.session, sync.request, q.cleared - sync.before)
  elseif sync.kind == 'join' then
    local open = q.size + q.inHand
    if open == 0 then
      answer(sync.session, sync.request, 0)
    else
      q.joins = q.joins + 1
      call('HSET', JOINS, key, pack({ session = sync.session, request = sync.request, stop = q.tail + q.listed, open = open }))
    end
  else
    answer(sync.session, sync.request, 0)
  end
end

-- Tells every endpoint of this moment; `request` of the session is answered when all have said that they know.
local function startSync(kind, owner, request, before)
  local waitsFor = {}
  local count = 0
  q.ids = q.ids + 1
  local number = q.ids
  for _, set in ipairs({ PRODUCERS, CONSUMERS }) do
    for _, id in ipairs(call('SMEMBERS', set)) do
      local e = endpoint(id)
      -- One that is on its way to another session holds nothing, and learns how things are when it gets there.
      if not e.away then
        waitsFor[id] = true
        count = count + 1
        emit(e, { id, TO.SYNC, number, q.epoch, not accepting() })
      end
    end
  end
  local sync = { kind = kind, session = owner, request = request, before = before, start = q.epochStart, waitsFor = waitsFor, count = count }
  q.syncs = q.syncs + 1
  if count == 0 then syncDone(number, sync) else call('HSET', SYNCS, number, pack(sync)) end
end

local function synced(key, id)
  local stored = call('HGET', SYNCS, key)
  if not stored then return nil end
  local sync = unpack_(stored)
  if not sync.waitsFor[id] then return sync end
  sync.waitsFor[id] = nil
  sync.count = sync.count - 1
  if sync.count <= 0 then syncDone(key, sync) else call('HSET', SYNCS, key, pack(sync)) end
  return sync
end

-- --- leaving ------------------------------------------------------------------------------------------------------------

local function forget(e)
  local id = e.id
  call('HDEL', ENDPOINTS, id)
  call('SREM', MEMBERS(e.session), id)
  E[id] = false
  dirty[id] = nil
  if q.syncs > 0 then
    for _, key in ipairs(call('HKEYS', SYNCS)) do synced(key, id) end
  end
end

local function checkConsumers()
  if q.openConsumers == 0 and q.size > 0 then event('no-consumer', q.size) end
end

-- Ends a producer, and what it holds of room is free again.
local function endProducer(p)
  endPutter(p, p)
  call('SREM', PRODUCERS, p.id)
  q.producers = q.producers - 1
  countOpen('producer', -1)
  forget(p)
  checkEnd()
end

local function endConsumer(c, unknown, reason)
  if c.loop then endPutter(c, c.loop) end
  c.credit, c.waiting = 0, 0
  local returned, inHand = giveBackAll(c, unknown, reason)
  c.fetched, c.expected, c.lone, c.isAlone = 0, 0, 0, nil
  recallAnswered(c)
  rank(c)
  call('SREM', CONSUMERS, c.id)
  q.consumers = q.consumers - 1
  countOpen('consumer', -1)
  forget(c)
  checkConsumers()
  checkEnd()
  return returned, inHand
end

local function removeSlot(id, owner)
  local stored = call('HGET', SLOTS, id)
  if not stored then return end
  local slot = unpack_(stored)
  call('HDEL', SLOTS, id)
  call('SREM', MEMBERS(slot.session), id)
  countOpen(slot.role, -1)
  if slot.role == 'consumer' then checkConsumers() end
  checkEnd()
end

-- An endpoint's process is gone. What it may have had in hand says so; a message tells everybody.
local function loseEndpoint(id)
  local e = endpoint(id)
  if not e then
    removeSlot(id)
    return 0, 0
  end
  local returned, inHand = 0, 0
  emit(e, { id, TO.GONE, 'ENDPOINT_LOST' })
  if e.role == 'producer' then
    endProducer(e)
  else
    returned, inHand = endConsumer(e, 'maybe', '\0' .. pack({ id, e.worker or false }))
  end
  event('endpoint-lost', id, e.role, e.worker or false, returned, inHand)
  return returned, inHand
end

-- The clock may stand still for less than any lease.
local function shortestLease()
  local shortest
  for _, id in ipairs(call('HKEYS', SESSIONS)) do
    local lease = session(id) and session(id).lease
    if lease and (not shortest or lease < shortest) then shortest = lease end
  end
  q.lease = shortest or q.lease
end

local function dropQueue()
  local keys = {
    K, ENDPOINTS, PRODUCERS, CONSUMERS, SLOTS, SESSIONS, LEASES, BODIES, COUNTS, OPEN, RETURNED, FACTS, SEEKERS, EAGER, HOLDERS, HUNGRY, AHEAD,
    FETCHERS, STUCK, SYNCS, JOINS, TRIES, POLLS, SEEN, SEEN_AT, LETTERS, LETTER_ORDER, LAPSED, LAPSED_AT,
  }
  -- Large ones are freed in the background.
  call('UNLINK', unpack(keys))
  -- The list is not ours alone, unless the queue was. What is known of its entries is good as long as they are there.
  if LIST and q.temporary == 1 then
    call('UNLINK', LIST, MARKS)
  elseif LIST then
    call('EXPIRE', MARKS, 7 * 24 * 3600)
  end
end

local function dropSessions()
  for _, id in ipairs(call('HKEYS', SESSIONS)) do call('DEL', MEMBERS(id), OUTBOX(id)) end
end

-- Gives the whole queue up, for everybody.
local function disband(code, text)
  for _, id in ipairs(call('HKEYS', ENDPOINTS)) do emit(endpoint(id), { id, TO.GONE, code, text }) end
  event('gone', code, text)
  q.disbanded = 1
end

-- Ends a session: what belongs to it is lost, and it hears of nothing any more.
local function endSession(id, code, text)
  -- A queue that belongs to one session goes with it.
  if q.temporary == 1 and q.owner == id and q.disbanded == 0 then disband(code or 'ENDPOINT_LOST', text or false) end
  local lost = { returned = 0, inHand = 0 }
  for _, member in ipairs(call('SMEMBERS', MEMBERS(id))) do
    local returned, inHand = loseEndpoint(member)
    lost.returned = lost.returned + returned
    lost.inHand = lost.inHand + inHand
  end
  call('DEL', MEMBERS(id), OUTBOX(id))
  call('HDEL', SESSIONS, id)
  call('ZREM', LEASES, id)
  sessions[id] = false
  out[id] = nil
  shortestLease()
  local waits = {}
  for _, hash in ipairs({ SYNCS, JOINS }) do
    for _, key in ipairs(call('HKEYS', hash)) do
      local wait = unpack_(call('HGET', hash, key))
      if wait.session == id then
        waits[#waits + 1] = { wait.kind or 'join', wait.request, wait.before or 0 }
        call('HDEL', hash, key)
        if hash == SYNCS then q.syncs = q.syncs - 1 else q.joins = q.joins - 1 end
      end
    end
  end
  return lost, waits
end

-- What a session is told after its lease is lost: answers that it has not had. All else was about what it no longer has.
local KEPT = {
  [TO.FLUSHED] = true, [TO.ANSWERS] = true, [TO.SEEN] = true, [TO.CLOSED] = true, [TO.TRIED] = true, [TO.POLLED] = true, [TO.GONE] = true,
  [TO.ANSWER] = true, [TO.EVENT] = true,
}
local LAPSED_MOST = 1000

-- The process may live, and only have been cut off: it is remembered how far it had come, so that it can go on from there.
local function lapse(id)
  local s = session(id)
  local members = {}
  for _, member in ipairs(call('SMEMBERS', MEMBERS(id))) do members[member] = true end
  local frames = {}
  for i, stored in ipairs(call('LRANGE', OUTBOX(id), 0, -1)) do
    local kept = {}
    for _, message in ipairs(unpack_(stored)) do
      if KEPT[message[2]] then
        -- What was found has gone back since.
        if message[2] == TO.POLLED then message[4] = false end
        kept[#kept + 1] = message
      end
    end
    frames[i] = kept
  end
  local last = {}
  for hash, kind in pairs({ [TRIES] = TO.TRIED, [POLLS] = TO.POLLED }) do
    for _, key in ipairs(call('HKEYS', hash)) do
      local question = unpack_(call('HGET', hash, key))
      if members[question.id] then last[#last + 1] = { question.id, kind, question.request, false } end
    end
  end
  if s and #last > 0 then
    frames[#frames + 1] = last
    s.out = s.out + 1
  end
  local lost, waits = endSession(id)
  if not s then return end
  call('HSET', LAPSED, id, pack({ turn = s.turn, out = s.out, kept = s.kept, lease = s.lease, frames = frames, waits = waits, lost = lost }))
  call('ZADD', LAPSED_AT, q.time, id)
  for _, old in ipairs(call('ZRANGE', LAPSED_AT, 0, -1 - LAPSED_MOST)) do
    call('ZREM', LAPSED_AT, old)
    call('HDEL', LAPSED, old)
  end
end

-- Sessions whose lease has ended. The one that asks is alive, whatever its lease says, as long as nobody ended it.
local function reap()
  for _, id in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', q.clock)) do
    if id ~= sid then lapse(id) end
  end
end

-- --- the end ------------------------------------------------------------------------------------------------------------

checkEnd = function()
  if q.closed == 0 or q.openProducers > 0 or q.size > 0 then return end
  if q.ended == 1 then return end
  for _, id in ipairs(call('SMEMBERS', CONSUMERS)) do
    local c = endpoint(id)
    if c then tellDrained(c) end
  end
  if q.inHand > 0 then return end
  q.ended = 1
  event('ended')
end

-- Fails a wait when every consumer waits to put into its own full queue, since then nobody can make room.
local function checkStuck()
  if q.stuck == 0 or q.stuck < q.consumers or room() + q.reserved > 0 then return end
  local c
  for _, id in ipairs(call('SMEMBERS', STUCK)) do
    c = endpoint(id)
    if c.loop.unsticking then return end
  end
  c.loop.unsticking = true
  touch(c)
  emit(c, { c.id, TO.STUCK })
end
