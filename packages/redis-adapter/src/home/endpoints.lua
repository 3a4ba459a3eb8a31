-- Who is open at the queue: endpoints and slots, each with a session, and the points in time that all of them are told of.

local LAPSED_MOST = 1000

-- --- rarely ---

-- What a session is told after its lease is lost: answers that it has not had. All else was about what it no longer has.
local KEPT = {
  [TO.FLUSHED] = true, [TO.ANSWERS] = true, [TO.SEEN] = true, [TO.CLOSED] = true, [TO.TRIED] = true, [TO.POLLED] = true, [TO.GONE] = true,
  [TO.ANSWER] = true, [TO.EVENT] = true,
}

function home.countOpen(role, by)
  if role == 'producer' then q.openProducers = q.openProducers + by else q.openConsumers = q.openConsumers + by end
end

function home.addEndpoint(id, role, owner, worker, madeAt)
  local e = { id = id, role = role, session = owner, worker = worker, madeAt = madeAt }
  if role == 'producer' then
    e.outstanding, e.waiting, e.arrived = 0, 0, 0
    q.producers = q.producers + 1
    call('SADD', KEY.producers, id)
  else
    e.credit, e.waiting, e.inHand, e.last, e.latest, e.latestBegun = 0, 0, 0, 0, -1, -1
    e.fetched, e.expected, e.flying, e.lone, e.nacks, e.parts = 0, 0, {}, 0, 0, {}
    q.consumers = q.consumers + 1
    call('SADD', KEY.consumers, id)
  end
  home.countOpen(role, 1)
  E[id] = e
  home.touch(e)
  call('SADD', home.members(owner), id)
  -- It learns what the queue's state is before anything else.
  home.emit(e, { id, TO.SYNC, 0, q.epoch, not home.accepting() })
  if role == 'consumer' and q.closed == 1 and q.openProducers == 0 and q.size == 0 then home.tellDrained(e) end
  return e
end

-- --- points in time -----------------------------------------------------------------------------------------------------

function home.syncDone(key, sync)
  call('HDEL', KEY.syncs, key)
  q.syncs = q.syncs - 1
  if sync.kind == 'clear' then
    home.answer(sync.session, sync.request, q.cleared - sync.before)
  elseif sync.kind == 'join' then
    local open = q.size + q.inHand
    if open == 0 then
      home.answer(sync.session, sync.request, 0)
    else
      q.joins = q.joins + 1
      call('HSET', KEY.joins, key, pack({ session = sync.session, request = sync.request, stop = q.tail + q.listed, open = open }))
    end
  else
    home.answer(sync.session, sync.request, 0)
  end
end

-- Tells every endpoint of this moment; `request` of the session is answered when all have said that they know.
function home.startSync(kind, owner, request, before)
  local waitsFor = {}
  local count = 0
  q.ids = q.ids + 1
  local number = q.ids
  for _, set in ipairs({ KEY.producers, KEY.consumers }) do
    for _, id in ipairs(call('SMEMBERS', set)) do
      local e = home.endpoint(id)
      -- One that is on its way to another session holds nothing, and learns how things are when it gets there.
      if not e.away then
        waitsFor[id] = true
        count = count + 1
        home.emit(e, { id, TO.SYNC, number, q.epoch, not home.accepting() })
      end
    end
  end
  local sync = { kind = kind, session = owner, request = request, before = before, start = q.epochStart, waitsFor = waitsFor, count = count }
  q.syncs = q.syncs + 1
  if count == 0 then home.syncDone(number, sync) else call('HSET', KEY.syncs, number, pack(sync)) end
end

function home.synced(key, id)
  local stored = call('HGET', KEY.syncs, key)
  if not stored then return nil end
  local sync = unpack_(stored)
  if not sync.waitsFor[id] then return sync end
  sync.waitsFor[id] = nil
  sync.count = sync.count - 1
  if sync.count <= 0 then home.syncDone(key, sync) else call('HSET', KEY.syncs, key, pack(sync)) end
  return sync
end

-- --- leaving ------------------------------------------------------------------------------------------------------------

function home.forget(e)
  local id = e.id
  home.rememberSeen(home.putterOf(e))
  call('HDEL', KEY.endpoints, id)
  call('SREM', home.members(e.session), id)
  E[id] = false
  dirty[id] = nil
  if q.syncs > 0 then
    for _, key in ipairs(call('HKEYS', KEY.syncs)) do home.synced(key, id) end
  end
end

function home.checkConsumers()
  if q.openConsumers == 0 and q.size > 0 then home.event('no-consumer', q.size) end
end

-- Ends a producer, and what it holds of room is free again.
function home.endProducer(p)
  home.endPutter(p, p)
  call('SREM', KEY.producers, p.id)
  q.producers = q.producers - 1
  home.countOpen('producer', -1)
  home.forget(p)
  home.checkEnd()
end

function home.endConsumer(c, unknown, reason)
  if c.loop then home.endPutter(c, c.loop) end
  c.credit, c.waiting = 0, 0
  local returned, inHand = home.giveBackAll(c, unknown, reason)
  c.fetched, c.expected, c.lone, c.isAlone = 0, 0, 0, nil
  home.recallAnswered(c)
  home.rank(c)
  call('SREM', KEY.consumers, c.id)
  q.consumers = q.consumers - 1
  home.countOpen('consumer', -1)
  home.forget(c)
  home.checkConsumers()
  home.checkEnd()
  return returned, inHand
end

function home.removeSlot(id, owner)
  local stored = call('HGET', KEY.slots, id)
  if not stored then return end
  local slot = unpack_(stored)
  call('HDEL', KEY.slots, id)
  call('SREM', home.members(slot.session), id)
  home.countOpen(slot.role, -1)
  if slot.role == 'consumer' then home.checkConsumers() end
  home.checkEnd()
end

-- An endpoint's process is gone. What it may have had in hand says so; a message tells everybody.
function home.loseEndpoint(id)
  local e = home.endpoint(id)
  if not e then
    home.removeSlot(id)
    return 0, 0
  end
  local returned, inHand = 0, 0
  home.emit(e, { id, TO.GONE, 'ENDPOINT_LOST' })
  if e.role == 'producer' then
    home.endProducer(e)
  else
    returned, inHand = home.endConsumer(e, 'maybe', '\0' .. pack({ id, e.worker or false }))
  end
  home.event('endpoint-lost', id, e.role, e.worker or false, returned, inHand)
  return returned, inHand
end

-- The clock may stand still for less than any lease.
function home.shortestLease()
  local shortest
  for _, id in ipairs(call('HKEYS', KEY.sessions)) do
    local lease = home.session(id) and home.session(id).lease
    if lease and (not shortest or lease < shortest) then shortest = lease end
  end
  q.lease = shortest or q.lease
end

function home.dropQueue()
  local keys = { K }
  for name in ('endpoints producers consumers slots sessions leases bodies counts settled returned facts seekers eager holders hungry ahead ' ..
    'fetchers stuck syncs joins tries polls seen seen-at letters letter-order lapsed lapsed-at'):gmatch('%S+') do keys[#keys + 1] = KEY[name] end
  -- Large ones are freed in the background.
  call('UNLINK', unpack(keys))
  -- The list is not ours alone, unless the queue was. What is known of its entries is good as long as they are there.
  if LIST and q.temporary == 1 then
    call('UNLINK', LIST, KEY.marks)
  elseif LIST then
    call('EXPIRE', KEY.marks, 7 * 24 * 3600)
  end
end

function home.dropSessions()
  for _, id in ipairs(call('HKEYS', KEY.sessions)) do call('DEL', home.members(id), home.outbox(id)) end
end

-- Gives the whole queue up, for everybody.
function home.disband(code, text)
  for _, id in ipairs(call('HKEYS', KEY.endpoints)) do home.emit(home.endpoint(id), { id, TO.GONE, code, text }) end
  home.event('gone', code, text)
  q.disbanded = 1
end

-- Ends a session: what belongs to it is lost, and it hears of nothing any more.
function home.endSession(id, code, text)
  -- A queue that belongs to one session goes with it.
  if q.temporary == 1 and q.owner == id and q.disbanded == 0 then home.disband(code or 'ENDPOINT_LOST', text or false) end
  local lost = { returned = 0, inHand = 0 }
  for _, member in ipairs(call('SMEMBERS', home.members(id))) do
    local returned, inHand = home.loseEndpoint(member)
    lost.returned = lost.returned + returned
    lost.inHand = lost.inHand + inHand
  end
  call('DEL', home.members(id), home.outbox(id))
  call('HDEL', KEY.sessions, id)
  call('ZREM', KEY.leases, id)
  sessions[id] = false
  out[id] = nil
  home.shortestLease()
  local waits = {}
  for _, hash in ipairs({ KEY.syncs, KEY.joins }) do
    for _, key in ipairs(call('HKEYS', hash)) do
      local wait = unpack_(call('HGET', hash, key))
      if wait.session == id then
        waits[#waits + 1] = { wait.kind or 'join', wait.request, wait.before or 0 }
        call('HDEL', hash, key)
        if hash == KEY.syncs then q.syncs = q.syncs - 1 else q.joins = q.joins - 1 end
      end
    end
  end
  return lost, waits
end

-- The process may live, and only have been cut off: it is remembered how far it had come, so that it can go on from there.
function home.lapse(id)
  local s = home.session(id)
  local members = {}
  for _, member in ipairs(call('SMEMBERS', home.members(id))) do members[member] = true end
  local frames = {}
  for i, stored in ipairs(call('LRANGE', home.outbox(id), 0, -1)) do
    local head, bytes = unpack_(stored)
    local kept = {}
    for _, message in ipairs(head[2]) do
      if KEPT[message[2]] then
        -- What was found has gone back since.
        if message[2] == TO.POLLED then message[4] = false end
        kept[#kept + 1] = message
      end
    end
    -- Items are in no message that is kept.
    for at, one in ipairs(bytes) do
      if type(one) == 'table' then bytes[at], head[3][at] = '', 0 end
    end
    frames[i] = pack({ head[1], kept, head[3] }, bytes)
  end
  local last = {}
  for hash, kind in pairs({ [KEY.tries] = TO.TRIED, [KEY.polls] = TO.POLLED }) do
    for _, key in ipairs(call('HKEYS', hash)) do
      local question = unpack_(call('HGET', hash, key))
      if members[question.id] then last[#last + 1] = { question.id, kind, question.request, false } end
    end
  end
  if s and #last > 0 then
    s.out = s.out + 1
    frames[#frames + 1] = pack({ s.out, last, {} }, {})
  end
  local lost, waits = home.endSession(id)
  if not s then return end
  call('HSET', KEY.lapsed, id, pack({ turn = s.turn, out = s.out, kept = s.kept, lease = s.lease, frames = frames, waits = waits, lost = lost }))
  call('ZADD', KEY['lapsed-at'], q.time, id)
  for _, old in ipairs(call('ZRANGE', KEY['lapsed-at'], 0, -1 - LAPSED_MOST)) do
    call('ZREM', KEY['lapsed-at'], old)
    call('HDEL', KEY.lapsed, old)
  end
end

-- --- the end ------------------------------------------------------------------------------------------------------------

function home.checkEnd()
  if q.closed == 0 or q.openProducers > 0 or q.size > 0 then return end
  if q.ended == 1 then return end
  for _, id in ipairs(call('SMEMBERS', KEY.consumers)) do
    local c = home.endpoint(id)
    if c then home.tellDrained(c) end
  end
  if q.inHand > 0 then return end
  q.ended = 1
  home.event('ended')
end

-- Fails a wait when every consumer waits to put into its own full queue, since then nobody can make room.
function home.checkStuck()
  if q.stuck == 0 or q.stuck < q.consumers or home.room() + q.reserved > 0 then return end
  local c
  for _, id in ipairs(call('SMEMBERS', KEY.stuck)) do
    c = home.endpoint(id)
    if c.loop.unsticking then return end
  end
  c.loop.unsticking = true
  home.touch(c)
  home.emit(c, { c.id, TO.STUCK })
end
