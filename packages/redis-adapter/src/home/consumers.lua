-- Consumers: what each asked for, was sent, began and settled. What it was sent are parts of blocks: `op` lists which of a
-- part's items are still with it, as a flat list of ranges; those before `begun` are in hand, the others fetched ahead;
-- `held` lists in the same way which of those in hand are held back from user code.

local BLOCK = 256 -- items in a block, at the most
local PORTION = 32 -- items that are sent ahead of need, where there are as many
local LINES = { 'hungry', 'ahead' }

-- Keeps the lines of those who want items in step with what a consumer wants.
function home.rank(c)
  local hungry = c.credit > 0 and not c.isAlone
  local isHungry = hungry and c.waiting > 0
  -- Whoever has a block at hand takes the next one as a whole: cutting costs more than waiting.
  -- Of what is asked back, more would come back too.
  local takesAhead = hungry and not c.recalling and c.lone == 0 and (c.fetched < BLOCK or c.credit >= BLOCK)
  if isHungry ~= (c.hungry or false) then
    c.hungry = isHungry
    if isHungry then call('ZADD', KEY.hungry, home.ticket(), c.id) else call('ZREM', KEY.hungry, c.id) end
    q.hungry = q.hungry + (isHungry and 1 or -1)
  end
  if takesAhead ~= (c.ahead or false) then
    c.ahead = takesAhead
    if takesAhead then call('ZADD', KEY.ahead, home.ticket(), c.id) else call('ZREM', KEY.ahead, c.id) end
    q.ahead = q.ahead + (takesAhead and 1 or -1)
  end
  local fetches = c.fetched - c.expected > 0 and not c.recalling
  if fetches ~= (c.fetches or false) then
    c.fetches = fetches
    call(fetches and 'SADD' or 'SREM', KEY.fetchers, c.id)
  end
end

-- Sends one part: up to `most` items that wait, of one block, or one alone. Answers how many, and whether that one is alone.
function home.sendPart(c, most)
  local block, from, to, member, stop = home.peek(most)
  local attempts, hasFacts, isAlone
  if member then
    local places = {}
    for place = from, to - 1 do places[#places + 1] = place end
    for i, stored in ipairs(call('HMGET', KEY.facts, unpack(places))) do
      local place = places[i]
      local facts = stored and unpack_(stored) or nil
      if facts and facts.alone then
        if i > 1 then
          to = place
          break
        end
        to = place + 1
        isAlone = true
        facts.alone = nil
        home.setFacts(place, facts)
      end
      local attempt = facts and facts.attempt or 1
      -- Later ones came before it: whoever gets it is told so.
      if place <= c.latest and attempt == 1 then
        attempt = 2
        facts = facts or { attempt = 1, begun = 0 }
        facts.attempt = 2
        home.setFacts(place, facts)
      end
      if facts then hasFacts = true end
      if attempt > 1 then
        attempts = attempts or {}
        attempts[place - from] = attempt
      end
      if isAlone then break end
    end
  end
  home.pop(block, from, to, member, stop)
  c.latest = max(c.latest, to - 1)
  local n = to - from
  c.last = c.last + 1
  q.fence = max(q.fence + 1, q.time * 1000)
  local key = tostring(c.last)
  local part = {
    block = block, from = from, count = n, begun = 0, reached = 0, open = { 0, n }, attempts = attempts, facts = hasFacts, alone = isAlone,
  }
  c.parts[key] = part
  c.credit = c.credit - n
  c.fetched = c.fetched + n
  local answered = min(c.waiting, n)
  c.waiting = c.waiting - answered
  c.expected = c.expected + answered
  c.flying[#c.flying + 1] = c.last
  c.flying[#c.flying + 1] = answered
  if isAlone then
    c.isAlone = true
    c.lone = c.lone + 1
  end
  local list = {}
  if attempts then
    for index, attempt in pairs(attempts) do
      list[#list + 1] = index
      list[#list + 1] = attempt
    end
  end
  home.emit(c, {
    c.id, TO.ITEMS, n, q.epoch, c.last, list, isAlone or false, q.fence,
    bytes = { block, from - block, to - block },
  })
  -- What was sent on a lossy queue is in use: it could not be dropped there.
  if q.overflow ~= 'wait' then home.begin(c, key, n, false) end
  return n, isAlone
end

function home.send(c, most)
  local missing = 0
  local part = min(most, c.credit, BLOCK)
  while home.waiting() > 0 do
    if home.bodyOf((home.peek(part))) then
      home.sendPart(c, part)
      break
    end
    -- It was evicted, or deleted by somebody: what is left is to say so.
    local block, from, to, member, stop = home.peek(huge)
    home.pop(block, from, to, member, stop)
    q.size = q.size - (to - from)
    q.dropped = q.dropped + (to - from)
    if member then
      for place = from, to - 1 do home.dropFacts(place) end
    end
    home.finish(block, from, to)
    missing = missing + to - from
  end
  if missing > 0 then home.event('data-lost', missing) end
  home.rank(c)
  home.touch(c)
end

-- Deals out what is at hand: to those who wait first, in equal shares, then ahead of need, in portions that are worth a message.
function home.dispatch()
  for _, line in ipairs(LINES) do
    while q[line] > 0 and home.waiting() > 0 do
      local id = call('ZRANGE', KEY[line], 0, 0)[1]
      local c = home.endpoint(id)
      home.send(c, c.hungry and ceil(home.waiting() / q.hungry) or max(PORTION, ceil(home.waiting() / q.consumers)))
      -- To the back: the next round begins with those who got nothing.
      if c[line] and q.consumers > 1 then call('ZADD', KEY[line], home.ticket(), id) end
    end
  end
end

function home.recallItems(waitingToo)
  for _, id in ipairs(call('SMEMBERS', KEY.fetchers)) do
    local c = home.endpoint(id)
    if c and (waitingToo or c.waiting <= 0) then
      c.recalling = true
      q.itemRecalls = q.itemRecalls + 1
      home.rank(c)
      home.touch(c)
      home.emit(c, { id, TO.RECALL })
    end
  end
end

-- --- at times ---

function home.overlap(ranges, from, to)
  local inside, outside = {}, {}
  local count = 0
  for i = 1, #ranges, 2 do
    local a, b = ranges[i], ranges[i + 1]
    local x, y = max(a, from), min(b, to)
    if x >= y then
      outside[#outside + 1] = a
      outside[#outside + 1] = b
    else
      inside[#inside + 1] = x
      inside[#inside + 1] = y
      count = count + y - x
      if a < x then
        outside[#outside + 1] = a
        outside[#outside + 1] = x
      end
      if y < b then
        outside[#outside + 1] = y
        outside[#outside + 1] = b
      end
    end
  end
  return inside, outside, count
end

function home.begin(c, key, upTo, reached)
  local part = c.parts[key]
  if not part then return end
  if reached then part.reached = max(part.reached, upTo) end
  if part.alone and c.isAlone then c.isAlone = nil end
  if upTo <= part.begun then return end
  local _, _, n = home.overlap(part.open, part.begun, upTo)
  if n > 0 then
    c.fetched = c.fetched - n
    c.inHand = c.inHand + n
    q.inHand = q.inHand + n
    q.size = q.size - n
    q.taken = q.taken + n
    q.lastTaken = q.clock
    if part.attempts then
      for index in pairs(part.attempts) do
        if index >= part.begun and index < upTo then q.redelivered = q.redelivered + 1 end
      end
    end
    c.latestBegun = max(c.latestBegun, part.from + upTo - 1)
  end
  part.begun = upTo
end

function home.closePart(c, key, part)
  if #part.open > 0 then return end
  c.parts[key] = nil
  if part.alone then
    c.lone = c.lone - 1
    c.isAlone = nil
  end
end

-- These of a part's items have reached the end of their lives.
function home.finishIn(part, ranges)
  for i = 1, #ranges, 2 do
    local from, to = part.from + ranges[i], part.from + ranges[i + 1]
    if part.facts then
      for place = from, to - 1 do home.dropFacts(place) end
    end
    home.finish(part.block, from, to)
  end
end

function home.ack(c, key, from, to)
  local part = c.parts[key]
  if not part then return end
  to = min(to, part.begun)
  if from >= to then return end
  local inside, outside, n = home.overlap(part.open, from, to)
  if n == 0 then return end
  part.open = outside
  c.inHand = c.inHand - n
  q.inHand = q.inHand - n
  q.acked = q.acked + n
  q.lastSettled = q.clock
  home.finishIn(part, inside)
  home.closePart(c, key, part)
end

-- Blocks up to this one have come.
function home.landed(c, received)
  local flying = c.flying
  while flying[1] and flying[1] <= received do
    c.expected = c.expected - flying[2]
    table.remove(flying, 1)
    table.remove(flying, 1)
  end
end

function home.recallAnswered(c)
  if not c.recalling then return end
  c.recalling = nil
  q.itemRecalls = q.itemRecalls - 1
end

-- --- rarely ---

-- One item comes back from a consumer, which no longer has it. `use` is 'begun', 'maybe' or 'unbegun'.
function home.takeBack(c, part, index, use, reason)
  local place = part.from + index
  local facts = home.factsOf(place)
  if index < part.begun then
    c.inHand = c.inHand - 1
    q.inHand = q.inHand - 1
    if use == 'begun' then facts.begun = facts.begun + 1 end
    if use == 'unbegun' then
      q.taken = q.taken - 1
      if facts.attempt > 1 then q.redelivered = q.redelivered - 1 end
    end
  else
    c.fetched = c.fetched - 1
    q.size = q.size - 1
  end
  if reason and reason ~= '' then facts.reason = reason end
  local ends
  if place < q.epochStart then
    ends = 'cleared'
  elseif use ~= 'unbegun' and q.acknowledge == 'on-take' then
    ends = 'dropped'
  elseif use == 'begun' and q.maxDeliveries >= 0 and facts.begun >= q.maxDeliveries then
    home.bury(part.block, place, facts.begun, facts.reason)
    return
  end
  if ends then
    q[ends] = q[ends] + 1
    home.dropFacts(place)
    home.finish(part.block, place, place + 1)
    return
  end
  q.size = q.size + 1
  if use ~= 'unbegun' then facts.attempt = facts.attempt + 1 end
  if use == 'maybe' then facts.alone = true end
  if use ~= 'unbegun' or reason then home.setFacts(place, facts) end
  home.putBack(part.block, place, place + 1)
end

-- Ranges that were not begun come back: as a whole, where nothing is to be noted of single items.
function home.takeBackRange(c, key, from, to)
  local part = c.parts[key]
  if not part then return end
  local inside, outside = home.overlap(part.open, from, to)
  part.open = outside
  for i = 1, #inside, 2 do
    local a, b = inside[i], inside[i + 1]
    while a < b and (a < part.begun or part.from + a < q.epochStart) do
      home.takeBack(c, part, a, 'unbegun')
      a = a + 1
    end
    if a < b then
      c.fetched = c.fetched - (b - a)
      home.putBack(part.block, part.from + a, part.from + b)
    end
  end
  home.closePart(c, key, part)
end

-- The place in the order of the latest item that it has begun, or still may begin.
function home.latestHere(c)
  local latest = c.latestBegun
  for _, part in pairs(c.parts) do
    local n = #part.open
    if n > 0 and part.open[n] > part.begun then latest = max(latest, part.from + part.open[n] - 1) end
  end
  return latest
end

-- Whoever asked for an item now or not at all is answered once it is known.
function home.answerPolls()
  if q.polls == 0 then return end
  for _, key in ipairs(call('HKEYS', KEY.polls)) do
    local poll = unpack_(call('HGET', KEY.polls, key))
    local c = home.endpoint(poll.id)
    local found = c and c.last ~= poll.before
    -- What came back may have been sent on to one that has answered before: nothing is nowhere only when nobody is left to ask.
    if c and not found and q.itemRecalls == 0 then home.recallItems(true) end
    if not c or found or q.itemRecalls == 0 then
      if c then
        if not found then
          c.credit = c.credit - poll.more
          home.rank(c)
          home.touch(c)
        end
        home.emit(c, { c.id, TO.POLLED, poll.request, found or false })
      end
      call('HDEL', KEY.polls, key)
      q.polls = q.polls - 1
    end
  end
end

-- The queue is drained: tells a consumer so, once for each state of affairs.
function home.tellDrained(c)
  local changes = c.nacks + (c.loop and c.loop.arrived or 0)
  local alone = q.inHand == c.inHand
  local told = string.format('%.0f %s %.0f', changes, tostring(alone), c.last)
  if told == c.told then return end
  c.told = told
  home.touch(c)
  home.emit(c, { c.id, TO.DRAINED, changes, alone })
end

-- It is closed, or gone: all that it had goes back. Answers how many items, and how many of them it may have begun.
function home.giveBackAll(c, unknown, reason)
  local returned, begunThere = 0, 0
  local keys = {}
  for key in pairs(c.parts) do keys[#keys + 1] = tonumber(key) end
  table.sort(keys)
  for _, last in ipairs(keys) do
    local key = tostring(last)
    local part = c.parts[key]
    local held = {}
    for i = 1, part.held and #part.held or 0, 2 do
      for index = part.held[i], part.held[i + 1] - 1 do held[index] = true end
    end
    if unknown == 'unbegun' and part.reached == 0 then
      for i = 1, #part.open, 2 do returned = returned + part.open[i + 1] - part.open[i] end
      home.takeBackRange(c, key, 0, part.count)
    else
      local open = part.open
      part.open = {}
      for i = 1, #open, 2 do
        for index = open[i], open[i + 1] - 1 do
          local reached = index < part.reached and not held[index]
          returned = returned + 1
          if reached or unknown == 'maybe' then begunThere = begunThere + 1 end
          home.takeBack(c, part, index, reached and 'begun' or unknown, reason)
        end
      end
    end
  end
  c.parts = {}
  return returned, begunThere
end
