-- What a session asks of its queue: { '', kind, request, fields }.

local R = {
  OPEN = 101, SLOT = 102, UNSLOT = 103, CLOSE = 104, CLEAR = 105, READY = 106, NOT_READY = 107, REFUSE = 108, JOIN = 109, STATS = 110,
  BLOCKERS = 111, LETTERS = 112, LETTERS_BACK = 113, LETTERS_GONE = 114, LETTER_COUNT = 115, LOSE = 116, DETACH = 117, CLAIM = 118,
  LEAVE = 119,
}

-- --- rarely ---

function home.clear()
  q.epoch = q.epoch + 1
  q.epochStart = q.tail
  home.discardOldest(home.waiting(), 'cleared')
end

function home.gate(ready)
  if q.ready == ready then return end
  q.ready = ready
  home.event('ready', ready == 1)
end

function home.stats()
  local waited = q.waitedMs + q.seekers * q.clock - q.sinceSum
  return {
    q.size, q.inHand, q.put, q.taken, q.acked, q.redelivered, q.refused, q.dropped, q.cleared, q.dead, q.deadDropped, q.openProducers,
    q.openConsumers, waited,
  }
end

function home.blockers()
  local found = {}
  if q.ended == 1 then return found end
  if q.closed == 0 then found[#found + 1] = { 'queue-open', q.name } end
  for _, id in ipairs(call('SMEMBERS', KEY.producers)) do
    local p = home.endpoint(id)
    found[#found + 1] = { 'producer', id, false, p.worker or false, p.madeAt or false }
  end
  for _, id in ipairs(call('HKEYS', KEY.slots)) do
    local slot = unpack_(call('HGET', KEY.slots, id))
    if slot.role == 'producer' then found[#found + 1] = { 'slot', id, false, slot.worker or false, slot.madeAt or false } end
  end
  if q.size > 0 then found[#found + 1] = { 'waiting', q.name, q.size } end
  for _, id in ipairs(call('SMEMBERS', KEY.consumers)) do
    local c = home.endpoint(id)
    if c.inHand > 0 then found[#found + 1] = { 'in-hand', id, c.inHand, c.worker or false, c.madeAt or false } end
  end
  return found
end

function home.lettersOf(ids)
  if ids == 'all' then return call('LRANGE', KEY['letter-order'], 0, -1) end
  return ids
end

-- The oldest dead letters, -1 for all: what each is, and the bytes of their items and reasons.
function home.readLetters(most)
  local list, parts = {}, {}
  local ids = most == 0 and {} or call('LRANGE', KEY['letter-order'], 0, most < 0 and -1 or most - 1)
  for _, letterId in ipairs(ids) do
    local letter = unpack_(call('HGET', KEY.letters, letterId))
    list[#list + 1] = { letterId, letter.attempts, letter.at, #letter.body, #letter.reason }
    parts[#parts + 1] = letter.body
    parts[#parts + 1] = letter.reason
  end
  return list, table.concat(parts)
end

-- Takes dead letters out, and answers them in the order in which they were named.
function home.takeLetters(ids)
  local found = {}
  for _, id in ipairs(home.lettersOf(ids)) do
    local stored = call('HGET', KEY.letters, id)
    if stored then
      call('HDEL', KEY.letters, id)
      call('LREM', KEY['letter-order'], 1, id)
      found[#found + 1] = unpack_(stored)
    end
  end
  return found
end

-- A producer's place in a closed queue is refused, unless a slot was kept for it.
-- An endpoint that was lost with its session opens again: `renews`. It is late when all others have been told that none is left.
function home.open(m)
  local id, role, worker, madeAt, slot, renews = m[4], m[5], m[6] or nil, m[7] or nil, m[8] or nil, m[9] or nil
  if home.endpoint(id) then return end
  local refused
  if slot then
    if call('HEXISTS', KEY.slots, slot) == 0 then refused = 'ENDPOINT_CLOSED' end
  elseif role == 'producer' and q.closed == 1 and not (renews and (q.openProducers > 0 or q.size > 0)) then
    refused = 'QUEUE_CLOSED'
  end
  if refused then
    home.emitTo(sid, { id, TO.GONE, refused })
  else
    home.addEndpoint(id, role, sid, worker, madeAt).lapsed = renews
  end
end

function home.request(m)
  local kind, id = m[2], m[3]
  if kind == R.OPEN then
    home.open(m)
  elseif kind == R.SLOT then
    if m[5] == 'producer' and q.closed == 1 then
      home.answer(sid, id, 'QUEUE_CLOSED')
      return
    end
    if call('HEXISTS', KEY.slots, m[4]) == 1 then
      home.answer(sid, id, '')
      return
    end
    call('HSET', KEY.slots, m[4], pack({ role = m[5], session = sid, worker = m[6] or nil, madeAt = m[7] or nil }))
    call('SADD', home.members(sid), m[4])
    home.countOpen(m[5], 1)
    home.answer(sid, id, '')
  elseif kind == R.UNSLOT then
    home.removeSlot(m[4])
  elseif kind == R.CLOSE then
    if q.closed == 0 then home.event('closed') end
    q.closed = 1
  elseif kind == R.CLEAR then
    local before = q.cleared
    home.clear()
    home.startSync('clear', sid, id, before)
  elseif kind == R.READY or kind == R.REFUSE then
    home.gate(kind == R.READY and 1 or 0)
    home.startSync('gate', sid, id)
  elseif kind == R.NOT_READY then
    local before = q.cleared
    local wasReady = q.ready
    q.ready = 0
    home.clear()
    if wasReady == 1 then home.event('ready', false) end
    home.startSync('clear', sid, id, before)
  elseif kind == R.JOIN then
    home.startSync('join', sid, id)
  elseif kind == R.STATS then
    home.answer(sid, id, home.stats())
  elseif kind == R.BLOCKERS then
    home.answer(sid, id, home.blockers())
  elseif kind == R.LETTER_COUNT then
    home.answer(sid, id, call('LLEN', KEY['letter-order']))
  elseif kind == R.LETTERS then
    local list, bytes = home.readLetters(m[4])
    home.emitTo(sid, { '', TO.ANSWER, id, list, bytes = bytes })
  elseif kind == R.LETTERS_BACK then
    if q.ended == 1 then
      home.answer(sid, id, 'QUEUE_ENDED')
      return
    end
    local found = home.accepting() and home.takeLetters(m[4]) or {}
    for _, letter in ipairs(found) do home.store(letter.body, 1) end
    home.answer(sid, id, #found)
  elseif kind == R.LETTERS_GONE then
    home.answer(sid, id, #home.takeLetters(m[4]))
  elseif kind == R.LOSE then
    for _, lost in ipairs(m[4]) do
      local e = home.endpoint(lost)
      if e and e.handOver == m[5] then home.loseEndpoint(lost) end
    end
  elseif kind == R.DETACH then
    -- On its way to another session, an endpoint holds nothing: neither room nor items that are not begun.
    local e = home.endpoint(m[4])
    if e then
      if e.role == 'producer' then
        home.endPutter(e, e)
      else
        if e.loop then home.endPutter(e, e.loop) end
        e.credit, e.waiting = 0, 0
        home.giveBackAll(e, 'unbegun')
        e.expected, e.flying, e.latest, e.told = 0, {}, e.latestBegun, nil
        home.recallAnswered(e)
        home.rank(e)
      end
      e.away = true
      e.worker = m[5] or nil
      e.handOver = m[6]
      home.touch(e)
      -- Whatever it was asked is answered by what it became.
      if q.syncs > 0 then
        for _, key in ipairs(call('HKEYS', KEY.syncs)) do
          local stored = call('HGET', KEY.syncs, key)
          if stored and e.role == 'consumer' then home.dropOutdated(e, unpack_(stored).start) end
          home.synced(key, e.id)
        end
      end
    end
    home.answer(sid, m[3], 0)
  elseif kind == R.CLAIM then
    local e = home.endpoint(m[4])
    if e then
      call('SREM', home.members(e.session), e.id)
      call('SADD', home.members(sid), e.id)
      e.session = sid
      e.away = nil
      -- What it was told on its way there has not come.
      e.told = nil
      home.touch(e)
      home.emit(e, { e.id, TO.SYNC, 0, q.epoch, not home.accepting() })
      if e.role == 'consumer' and q.closed == 1 and q.openProducers == 0 and q.size == 0 then home.tellDrained(e) end
    else
      home.emitTo(sid, { m[4], TO.GONE, 'ENDPOINT_LOST' })
    end
  end
end
