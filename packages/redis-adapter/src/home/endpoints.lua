-- Who is open at the queue: endpoints and slots, each with a session, and the points in time that all of them are told of.

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
    return
  end
  local returned, inHand = 0, 0
  home.emit(e, { id, TO.GONE, 'ENDPOINT_LOST' })
  if e.role == 'producer' then
    home.endProducer(e)
  else
    returned, inHand = home.endConsumer(e, 'maybe', '\0' .. pack({ id, e.worker or false }))
  end
  home.event('endpoint-lost', id, e.role, e.worker or false, returned, inHand)
end

function home.dropQueue()
  local keys = { K }
  for name in ('endpoints producers consumers slots sessions leases bodies counts open returned facts seekers eager holders hungry ahead ' ..
    'fetchers stuck syncs joins tries polls seen seen-at letters letter-order'):gmatch('%S+') do keys[#keys + 1] = KEY[name] end
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
  for _, member in ipairs(call('SMEMBERS', home.members(id))) do home.loseEndpoint(member) end
  call('DEL', home.members(id), home.outbox(id))
  call('HDEL', KEY.sessions, id)
  call('ZREM', KEY.leases, id)
  sessions[id] = false
  out[id] = nil
  for _, hash in ipairs({ KEY.syncs, KEY.joins }) do
    for _, key in ipairs(call('HKEYS', hash)) do
      if unpack_(call('HGET', hash, key)).session == id then
        call('HDEL', hash, key)
        if hash == KEY.syncs then q.syncs = q.syncs - 1 else q.joins = q.joins - 1 end
      end
    end
  end
end

-- Sessions whose lease has ended. The one that asks is alive, whatever its lease says, as long as nobody ended it.
function home.reap()
  for _, id in ipairs(call('ZRANGEBYSCORE', KEY.leases, '-inf', q.clock)) do
    if id ~= sid then home.endSession(id) end
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
