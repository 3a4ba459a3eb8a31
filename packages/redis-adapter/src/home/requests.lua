-- What a session asks of its queue: { '', kind, request, fields }.

local R = {
  OPEN = 101, SLOT = 102, UNSLOT = 103, CLOSE = 104, CLEAR = 105, READY = 106, NOT_READY = 107, REFUSE = 108, JOIN = 109, STATS = 110,
  BLOCKERS = 111, LETTERS = 112, LETTERS_BACK = 113, LETTERS_GONE = 114, LETTER_COUNT = 115, LOSE = 116, DETACH = 117, CLAIM = 118,
  LEAVE = 119,
}

local function clear()
  q.epoch = q.epoch + 1
  q.epochStart = q.tail
  discardOldest(waiting(), 'cleared')
end

local function gate(ready)
  if q.ready == ready then return end
  q.ready = ready
  event('ready', ready == 1)
end

local function stats()
  local waited = q.waitedMs + q.seekers * q.clock - q.sinceSum
  return {
    q.size, q.inHand, q.put, q.taken, q.acked, q.redelivered, q.refused, q.dropped, q.cleared, q.dead, q.deadDropped, q.openProducers,
    q.openConsumers, waited,
  }
end

local function blockers()
  local found = {}
  if q.ended == 1 then return found end
  if q.closed == 0 then found[#found + 1] = { 'queue-open', q.name } end
  for _, id in ipairs(call('SMEMBERS', PRODUCERS)) do
    local p = endpoint(id)
    found[#found + 1] = { 'producer', id, false, p.worker or false, p.madeAt or false }
  end
  for _, id in ipairs(call('HKEYS', SLOTS)) do
    local slot = unpack_(call('HGET', SLOTS, id))
    if slot.role == 'producer' then found[#found + 1] = { 'slot', id, false, slot.worker or false, slot.madeAt or false } end
  end
  if q.size > 0 then found[#found + 1] = { 'waiting', q.name, q.size } end
  for _, id in ipairs(call('SMEMBERS', CONSUMERS)) do
    local c = endpoint(id)
    if c.inHand > 0 then found[#found + 1] = { 'in-hand', id, c.inHand, c.worker or false, c.madeAt or false } end
  end
  return found
end

local function lettersOf(ids)
  if ids == 'all' then return call('LRANGE', LETTER_ORDER, 0, -1) end
  return ids
end

-- The oldest dead letters, -1 for all: what each is, and the bytes of their items and reasons.
local function readLetters(most)
  local list, parts = {}, {}
  local ids = most == 0 and {} or call('LRANGE', LETTER_ORDER, 0, most < 0 and -1 or most - 1)
  for _, letterId in ipairs(ids) do
    local letter = unpack_(call('HGET', LETTERS, letterId))
    list[#list + 1] = { letterId, letter.attempts, letter.at, #letter.body, #letter.reason }
    parts[#parts + 1] = letter.body
    parts[#parts + 1] = letter.reason
  end
  return list, table.concat(parts)
end

-- Takes dead letters out, and answers them in the order in which they were named.
local function takeLetters(ids)
  local found = {}
  for _, id in ipairs(lettersOf(ids)) do
    local stored = call('HGET', LETTERS, id)
    if stored then
      call('HDEL', LETTERS, id)
      call('LREM', LETTER_ORDER, 1, id)
      found[#found + 1] = unpack_(stored)
    end
  end
  return found
end

-- A producer's place in a closed queue is refused, unless a slot was kept for it.
-- An endpoint that was lost with its session opens again: `renews`. It is late when all others have been told that none is left.
local function open(m)
  local id, role, worker, madeAt, slot, renews = m[4], m[5], m[6] or nil, m[7] or nil, m[8] or nil, m[9] or nil
  if endpoint(id) then return end
  local refused
  if slot then
    if call('HEXISTS', SLOTS, slot) == 0 then refused = 'ENDPOINT_CLOSED' end
  elseif role == 'producer' and q.closed == 1 and not (renews and (q.openProducers > 0 or q.size > 0)) then
    refused = 'QUEUE_CLOSED'
  end
  if refused then
    emitTo(sid, { id, TO.GONE, refused })
  else
    addEndpoint(id, role, sid, worker, madeAt).lapsed = renews
  end
end

local function request(m)
  local kind, id = m[2], m[3]
  if kind == R.OPEN then
    open(m)
  elseif kind == R.SLOT then
    if m[5] == 'producer' and q.closed == 1 then
      answer(sid, id, 'QUEUE_CLOSED')
      return
    end
    if call('HEXISTS', SLOTS, m[4]) == 1 then
      answer(sid, id, '')
      return
    end
    call('HSET', SLOTS, m[4], pack({ role = m[5], session = sid, worker = m[6] or nil, madeAt = m[7] or nil }))
    call('SADD', MEMBERS(sid), m[4])
    countOpen(m[5], 1)
    answer(sid, id, '')
  elseif kind == R.UNSLOT then
    removeSlot(m[4])
  elseif kind == R.CLOSE then
    if q.closed == 0 then event('closed') end
    q.closed = 1
  elseif kind == R.CLEAR then
    local before = q.cleared
    clear()
    startSync('clear', sid, id, before)
  elseif kind == R.READY or kind == R.REFUSE then
    gate(kind == R.READY and 1 or 0)
    startSync('gate', sid, id)
  elseif kind == R.NOT_READY then
    local before = q.cleared
    local wasReady = q.ready
    q.ready = 0
    clear()
    if wasReady == 1 then event('ready', false) end
    startSync('clear', sid, id, before)
  elseif kind == R.JOIN then
    startSync('join', sid, id)
  elseif kind == R.STATS then
    answer(sid, id, stats())
  elseif kind == R.BLOCKERS then
    answer(sid, id, blockers())
  elseif kind == R.LETTER_COUNT then
    answer(sid, id, call('LLEN', LETTER_ORDER))
  elseif kind == R.LETTERS then
    local list, bytes = readLetters(m[4])
    emitTo(sid, { '', TO.ANSWER, id, list, bytes = bytes })
  elseif kind == R.LETTERS_BACK then
    if q.ended == 1 then
      answer(sid, id, 'QUEUE_ENDED')
      return
    end
    local found = accepting() and takeLetters(m[4]) or {}
    for _, letter in ipairs(found) do store(letter.body, 1) end
    answer(sid, id, #found)
  elseif kind == R.LETTERS_GONE then
    answer(sid, id, #takeLetters(m[4]))
  elseif kind == R.LOSE then
    for _, lost in ipairs(m[4]) do
      local e = endpoint(lost)
      if e and e.handOver == m[5] then loseEndpoint(lost) end
    end
  elseif kind == R.DETACH then
    -- On its way to another session, an endpoint holds nothing: neither room nor items that are not begun.
    local e = endpoint(m[4])
    if e then
      if e.role == 'producer' then
        endPutter(e, e)
      else
        if e.loop then endPutter(e, e.loop) end
        e.credit, e.waiting = 0, 0
        giveBackAll(e, 'unbegun')
        e.expected, e.flying, e.latest, e.told = 0, {}, e.latestBegun, nil
        recallAnswered(e)
        rank(e)
      end
      e.away = true
      e.worker = m[5] or nil
      e.handOver = m[6]
      touch(e)
      -- Whatever it was asked is answered by what it became.
      if q.syncs > 0 then
        for _, key in ipairs(call('HKEYS', SYNCS)) do
          local stored = call('HGET', SYNCS, key)
          if stored and e.role == 'consumer' then dropOutdated(e, unpack_(stored).start) end
          synced(key, e.id)
        end
      end
    end
  elseif kind == R.CLAIM then
    local e = endpoint(m[4])
    if e then
      call('SREM', MEMBERS(e.session), e.id)
      call('SADD', MEMBERS(sid), e.id)
      e.session = sid
      e.away = nil
      touch(e)
      emit(e, { e.id, TO.SYNC, 0, q.epoch, not accepting() })
      -- What it was told on its way nobody has heard.
      e.told = nil
      if e.role == 'consumer' and q.closed == 1 and q.openProducers == 0 and q.size == 0 then tellDrained(e) end
    else
      emitTo(sid, { m[4], TO.GONE, 'ENDPOINT_LOST' })
    end
  end
end
