-- What endpoints send: the vocabulary of core's ports. `m` is { endpoint's id, kind, fields }, `body(i)` its bytes.

local M = {
  BLOCK = 1, WANT = 2, RETURN = 3, FLUSH = 4, ASK = 5, SEEN = 6, CLOSE = 7, SYNCED = 8, TRY = 9, REFUSED = 10,
  RENEWED = 11, REPORT = 20, NACK = 21, GIVE_BACK = 22, POLL = 23, REJECT = 24,
}

local bytesOf -- argument -> bytes
local arrivals = {} -- producers that put in this script
local SEEN_MOST = 1024

function home.used(p, count)
  -- It may have been granted by a home that has lost this since.
  count = min(count, p.outstanding)
  p.outstanding = p.outstanding - count
  q.reserved = q.reserved - count
end

-- Handles what a producer says, or a consumer for its deliveries; false for what is not a producer's.
function home.fromPutter(e, p, kind, m)
  if kind == M.BLOCK then
    local count, epoch, sequence, body = m[3], m[4], m[5], bytesOf[m[6]]
    -- What room it had was given away when its lease was lost; what it had accepted by then comes all the same.
    if not e.lapsed then home.used(p, count) end
    p.arrived = p.arrived + count
    arrivals[e.id] = e
    if epoch ~= q.epoch and epoch >= 0 then
      q.put = q.put + count
      q.cleared = q.cleared + count
    else
      home.store(body, count)
    end
    p.seen = sequence + count - 1
    if p.isLoop then home.rankStuck(e) else home.rankHolder(p) end
  elseif (kind == M.WANT or kind == M.RETURN) and e.lapsed then
    return true
  elseif kind == M.WANT then
    p.waiting = p.waiting + m[3]
    p.unsticking = nil
    if p.waiting > 0 then
      if home.accepting() then home.seek(e, p) end
    else
      home.leaveLine(e, p)
    end
    if p.isLoop then home.rankStuck(e) else home.rankHolder(p) end
  elseif kind == M.RETURN then
    home.used(p, m[3])
    if p.recalling then
      p.recalling = nil
      q.recalls = q.recalls - 1
    end
    if not p.isLoop then home.rankHolder(p) end
  elseif kind == M.FLUSH then
    home.emit(e, { e.id, TO.FLUSHED, m[3] })
  elseif kind == M.ASK then
    local request, count, epoch, sequence, body = m[3], m[4], m[5], m[6], bytesOf[m[7]]
    if q.overflow == 'wait' then home.used(p, count) end
    p.arrived = p.arrived + count
    local accepted, other = count, 0
    if epoch == q.epoch or epoch < 0 or not home.accepting() then
      accepted, other = home.enqueueByRule(body, count)
    else
      q.put = q.put + count
      q.cleared = q.cleared + count
    end
    if home.accepting() then p.seen = sequence + count - 1 end
    home.emit(e, { e.id, TO.ANSWERS, request, count, accepted, other })
  elseif kind == M.TRY then
    q.ids = q.ids + 1
    q.tries = q.tries + 1
    call('HSET', KEY.tries, q.ids, pack({ id = e.id, request = m[3] }))
    if home.room() <= 0 and q.reserved > 0 then home.recallRoom() end
  elseif kind == M.SEEN then
    home.emit(e, { e.id, TO.SEEN, m[3], home.seenUpTo(m[4]) >= m[5] })
  elseif kind == M.REFUSED then
    q.refused = q.refused + m[3]
  else
    return false
  end
  home.touch(e)
  return true
end

-- What follows for others: who waits is served, as far as there is something.
function home.tend()
  if LIST then home.giveToOthers() end
  home.roomCame()
  home.dispatch()
  if q.seekers > 0 then home.serveSeekers() end
  for id, e in pairs(arrivals) do
    if E[id] and q.seekers == 0 then home.topUp(e, home.putterOf(e)) end
    arrivals[id] = nil
  end
  home.roomCame()
  if q.hungry > 0 and home.waiting() <= 0 then home.recallItems(false) end
  if q.tries > 0 then home.answerTries() end
  if q.polls > 0 then home.answerPolls() end
  if q.closed == 1 then home.checkEnd() end
  if q.stuck > 0 then home.checkStuck() end
end

function home.fromEndpoint(id, kind, m)
  local e = home.endpoint(id)
  -- It is gone: so is what was under way from it.
  if not e or e.session ~= sid then
    if kind == M.CLOSE then home.emitTo(sid, { id, TO.CLOSED, m[3] }) end
    if kind == M.FLUSH then home.emitTo(sid, { id, TO.GONE, 'ENDPOINT_LOST' }) end
    return
  end
  if kind == M.RENEWED then
    home.renewed(e, m)
  elseif kind == M.SYNCED then
    if m[3] == 0 then return end
    local stored = call('HGET', KEY.syncs, m[3])
    if e.role == 'consumer' and stored then
      home.dropOutdated(e, unpack_(stored).start)
      home.rank(e)
      home.touch(e)
    end
    home.synced(m[3], id)
  elseif kind == M.CLOSE then
    if e.role == 'producer' then home.endProducer(e) else home.endConsumer(e, 'unbegun') end
    home.emit(e, { id, TO.CLOSED, m[3] })
  elseif e.role == 'producer' then
    home.fromPutter(e, e, kind, m)
  else
    home.fromConsumer(e, kind, m)
  end
end

-- --- at times ---

function home.fromConsumer(c, kind, m)
  if c.lapsed and (kind == M.REPORT or kind == M.NACK or kind == M.REJECT or kind == M.GIVE_BACK) then
    -- It speaks of what it no longer has.
    return true
  elseif c.lapsed and kind == M.POLL then
    home.emit(c, { c.id, TO.POLLED, m[3], false })
    return true
  elseif kind == M.REPORT then
    local begun, acked, held, shown = m[3], m[4], m[8], m[9]
    for i = 1, #begun, 2 do home.begin(c, tostring(begun[i]), begun[i + 1], true) end
    for i = 1, held and #held or 0, 3 do
      local part = c.parts[tostring(held[i])]
      if part then
        part.held = part.held or {}
        part.held[#part.held + 1] = held[i + 1]
        part.held[#part.held + 1] = held[i + 2]
      end
    end
    for i = 1, shown and #shown or 0, 3 do
      local part = c.parts[tostring(shown[i])]
      if part and part.held then
        local _, kept = home.overlap(part.held, shown[i + 1], shown[i + 2])
        part.held = kept
      end
    end
    for i = 1, #acked, 3 do home.ack(c, tostring(acked[i]), acked[i + 1], acked[i + 2]) end
    c.credit = c.credit + m[5]
    home.landed(c, m[7])
    c.waiting = max(0, m[6] - c.expected)
  elseif kind == M.NACK or kind == M.REJECT then
    local key, index = tostring(m[3]), m[4]
    local reason = m[6] and bytesOf[m[6]] or nil
    if kind == M.NACK then c.nacks = c.nacks + 1 end
    local part = home.takeOut(c, key, index)
    if part then
      if kind == M.NACK then
        home.takeBack(c, part, index, m[5] and 'begun' or 'unbegun', reason)
      else
        local place = part.from + index
        local facts = home.factsOf(place)
        c.inHand = c.inHand - 1
        q.inHand = q.inHand - 1
        q.lastSettled = q.clock
        if place < q.epochStart then
          q.cleared = q.cleared + 1
          home.dropFacts(place)
          home.finish(part.block, place, place + 1)
        else
          home.bury(part.block, place, facts.begun + 1, reason or facts.reason)
        end
      end
      home.closePart(c, key, part)
    end
  elseif kind == M.GIVE_BACK then
    home.recallAnswered(c)
    local ranges = m[3]
    for i = 1, #ranges, 3 do home.takeBackRange(c, tostring(ranges[i]), ranges[i + 1], ranges[i + 2]) end
    c.latest = home.latestHere(c)
  elseif kind == M.POLL then
    c.credit = c.credit + m[4]
    local before = c.last
    local coming = c.fetched > 0
    home.rank(c)
    home.touch(c)
    home.dispatch()
    if coming or c.last ~= before then
      home.emit(c, { c.id, TO.POLLED, m[3], true })
    else
      home.recallItems(true)
      q.ids = q.ids + 1
      q.polls = q.polls + 1
      call('HSET', KEY.polls, q.ids, pack({ id = c.id, request = m[3], more = m[4], before = before }))
    end
  elseif kind == M.FLUSH then
    home.emit(c, { c.id, TO.FLUSHED, m[3] })
  else
    return home.fromPutter(c, home.putterOf(c), kind, m)
  end
  home.rank(c)
  home.touch(c)
  return true
end

-- --- rarely ---

-- Up to which number the puts of this putter have come, which may be gone.
function home.seenUpTo(id)
  local e = home.endpoint(id)
  return e and home.putterOf(e).seen or tonumber(call('HGET', KEY.seen, id) or -1)
end

function home.rememberSeen(p)
  if not p.seen then return end
  call('HSET', KEY.seen, p.id, p.seen)
  call('ZADD', KEY['seen-at'], home.ticket(), p.id)
  for _, old in ipairs(call('ZRANGE', KEY['seen-at'], 0, -1 - SEEN_MOST)) do
    call('ZREM', KEY['seen-at'], old)
    call('HDEL', KEY.seen, old)
  end
end

-- A part of a block that has just come, as a block of its own.
function home.slice(body, count, from, to)
  if from == 0 and to == count then return body end
  local base = from == 0 and 0 or struct.unpack('<I4', body, 4 * from - 3)
  local ends = {}
  for i = from, to - 1 do ends[#ends + 1] = struct.pack('<I4', struct.unpack('<I4', body, 4 * i + 1) - base) end
  local stop = struct.unpack('<I4', body, 4 * to - 3)
  return table.concat(ends) .. body:sub(4 * count + base + 1, 4 * count + stop)
end

-- Items of a lossy or gated queue: what becomes of each is decided here. 0 accepted, 1 dropped, 2 refused.
function home.enqueueByRule(body, count)
  if not home.accepting() then
    q.refused = q.refused + count
    return 0, 2
  end
  if q.overflow == 'wait' then
    home.store(body, count)
    return count, 0
  end
  local at = 0
  while at < count do
    if q.overflow == 'drop-oldest' then
      local n = min(count - at, bound)
      if n > home.room() then home.discardOldest(n - home.room(), 'dropped') end
      home.store(home.slice(body, count, at, at + n), n)
      at = at + n
    else
      local n = min(count - at, max(0, home.room()))
      if n == 0 then break end
      home.store(home.slice(body, count, at, at + n), n)
      at = at + n
    end
    home.dispatch()
  end
  q.dropped = q.dropped + count - at
  return at, 1
end

function home.dropOutdated(c, start)
  for key, part in pairs(c.parts) do
    if part.from < start then
      local inside, outside, n = home.overlap(part.open, part.begun, min(part.count, start - part.from))
      if n > 0 then
        part.open = outside
        c.fetched = c.fetched - n
        q.size = q.size - n
        q.cleared = q.cleared + n
        home.finishIn(part, inside)
        home.closePart(c, key, part)
      end
    end
  end
end

function home.takeOut(c, key, index)
  local part = c.parts[key]
  if not part or index >= part.begun then return nil end
  local _, outside, n = home.overlap(part.open, index, index + 1)
  if n == 0 then return nil end
  part.open = outside
  return part
end

-- An endpoint has understood that it begins afresh: it says what it waits for, and what it counts from.
function home.renewed(e, m)
  -- It was said before the endpoint was lost once more.
  if e.lapsed and e.lapsed ~= m[3] then return end
  e.lapsed = nil
  local p = home.putterOf(e)
  home.used(p, p.outstanding)
  if e.role == 'consumer' then
    local nacks, arrived, last = m[5], m[6], m[7]
    e.nacks, e.last = nacks, max(e.last, last)
    e.latest = max(e.latest, q.head - 1)
    p.arrived = arrived
    e.told = nil
    if q.closed == 1 and q.openProducers == 0 and q.size == 0 then home.tellDrained(e) end
  end
  p.waiting = m[4]
  if p.waiting > 0 and home.accepting() then home.seek(e, p) end
  if p.isLoop then home.rankStuck(e) else home.rankHolder(p) end
  home.touch(e)
end
