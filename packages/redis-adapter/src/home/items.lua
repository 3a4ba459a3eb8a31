-- Items: they have places in one order, given as they arrive; a block is a row of places. Those that wait are the row from
-- head to tail, and the runs that came back, all of which are before it.

openJoins = function(from, to)
  for _, id in ipairs(call('HKEYS', JOINS)) do
    local join = unpack_(call('HGET', JOINS, id))
    local before = min(to, join.stop) - from
    if before > 0 then
      join.open = join.open - before
      if join.open > 0 then
        call('HSET', JOINS, id, pack(join))
      else
        call('HDEL', JOINS, id)
        q.joins = q.joins - 1
        answer(join.session, join.request, 0)
      end
    end
  end
end

-- These items have reached the end of their lives.
local function finish(block, from, to)
  if call('HINCRBY', OPEN, block, from - to) <= 0 then
    call('HDEL', OPEN, block)
    call('HDEL', COUNTS, block)
    call('HDEL', BODIES, block)
  end
  if q.joins > 0 then openJoins(from, to) end
end

local function factsOf(place)
  local stored = call('HGET', FACTS, place)
  return stored and unpack_(stored) or { attempt = 1, begun = 0 }
end

local function setFacts(place, facts)
  call('HSET', FACTS, place, pack(facts))
end

-- Stores a block behind all others. There is room for it, or it may exceed the bound, having been promised room before.
local function store(body, count)
  q.size = q.size + count
  q.put = q.put + count
  if LIST then
    pushBlock(body, count)
    return
  end
  local block = q.tail
  if q.head == q.tail then q.headBlock = block end
  call('HSET', BODIES, block, body)
  call('HSET', COUNTS, block, count)
  call('HSET', OPEN, block, count)
  bodies[block] = body
  q.tail = block + count
end

local function run(block, from, to)
  return string.format('%.0f:%.0f:%.0f', block, from, to)
end

-- Places of a run that came back go to where they were.
local function putBack(block, from, to)
  call('ZADD', RETURNED, from, run(block, from, to))
  q.returned = q.returned + to - from
end

-- The first of the items that wait, up to `most` of them in one block: block, from, to, and whether they had come back.
local peek
peek = function(most)
  if q.returned > 0 then
    local member = call('ZRANGE', RETURNED, 0, 0)[1]
    local block, from, to = member:match('(%d+):(%d+):(%d+)')
    block, from, to = tonumber(block), tonumber(from), tonumber(to)
    return block, from, min(to, from + most), member, to
  end
  if q.head == q.tail then
    local block, mark = takeFromList(min(most, 256))
    if mark then
      -- It goes on from where it was when it went back to the list.
      setFacts(block, mark)
      q.head = q.tail
      putBack(block, block, q.tail)
      return peek(most)
    end
  end
  local stop = q.headBlock + tonumber(call('HGET', COUNTS, q.headBlock))
  return q.headBlock, q.head, min(stop, q.head + most)
end

-- Takes out what `peek` gave, as far as `to`. The caller accounts for it.
local function pop(block, from, to, member, stop)
  if member then
    call('ZREM', RETURNED, member)
    if to < stop then call('ZADD', RETURNED, to, run(block, to, stop)) end
    q.returned = q.returned - (to - from)
    return
  end
  q.head = to
  if to < q.tail and to == q.headBlock + tonumber(call('HGET', COUNTS, q.headBlock)) then q.headBlock = to end
end

-- The oldest `count` items that wait end here.
local function discardOldest(count, why)
  while count > 0 and waiting() > 0 do
    if q.returned == 0 and q.listed > 0 then
      local n = min(count, q.listed)
      trimList(n)
      q.size = q.size - n
      q[why] = q[why] + n
      return
    end
    local block, from, to, member, stop = peek(count)
    pop(block, from, to, member, stop)
    local n = to - from
    if member then
      for place = from, to - 1 do call('HDEL', FACTS, place) end
    end
    q.size = q.size - n
    q[why] = q[why] + n
    finish(block, from, to)
    count = count - n
  end
end

-- Nobody of ours takes what came back: it goes to the front of the list, where others can take it. Nothing is in hand then, nor
-- on its way to a consumer. What is known of earlier deliveries is kept for when one of ours gets it after all.
local function giveToOthers()
  if not LIST or q.openConsumers > 0 or q.returned == 0 then return end
  local values, places = {}, {}
  for _, member in ipairs(call('ZRANGE', RETURNED, 0, -1)) do
    local block, from, to = member:match('(%d+):(%d+):(%d+)')
    block, from, to = tonumber(block), tonumber(from), tonumber(to)
    for place = from, to - 1 do
      local value = cut({ block, place - block, place - block + 1 }):sub(6)
      local facts = call('HGET', FACTS, place)
      if facts then
        local marks = marksOf(value)
        marks[#marks + 1] = unpack_(facts)
        setMarks(value, marks)
      end
      values[#values + 1] = value
      places[#places + 1] = place
    end
  end
  call('DEL', RETURNED, FACTS, BODIES, COUNTS, OPEN)
  q.returned = 0
  -- Entries have later places: whoever waits for these waits for as many.
  for _, id in ipairs(call('HKEYS', JOINS)) do
    local join = unpack_(call('HGET', JOINS, id))
    local count = 0
    for _, place in ipairs(places) do
      if place < join.stop then count = count + 1 end
    end
    join.stop = max(join.stop, q.tail) + count
    call('HSET', JOINS, id, pack(join))
  end
  for i = 1, floor(#values / 2) do values[i], values[#values + 1 - i] = values[#values + 1 - i], values[i] end
  pushAt(pushes == 'L' and 'R' or 'L', values)
end

-- --- dead letters -------------------------------------------------------------------------------------------------------

local function bury(block, place, attempts, reason)
  local body = cut({ block, place - block, place - block + 1 })
  local data = 4
  -- One item's block: its table has one end, counted from its own beginning.
  body = struct.pack('<I4', #body - data) .. body:sub(data + 1)
  q.ids = q.ids + 1
  local id = string.format('%s/d%.0f', q.name, q.ids)
  local letter = { body = body, attempts = attempts, reason = reason or '', at = q.time }
  call('HSET', LETTERS, id, pack(letter))
  call('RPUSH', LETTER_ORDER, id)
  for _, to in ipairs(call('HKEYS', SESSIONS)) do
    emitTo(to, { '', TO.EVENT, 'dead-letter', id, attempts, #body, bytes = body .. (reason or '') })
  end
  q.dead = q.dead + 1
  call('HDEL', FACTS, place)
  finish(block, place, place + 1)
  if q.deadLetterCapacity >= 0 and call('LLEN', LETTER_ORDER) > q.deadLetterCapacity then
    local oldest = call('LPOP', LETTER_ORDER)
    call('HDEL', LETTERS, oldest)
    q.deadDropped = q.deadDropped + 1
    event('dead-letter-dropped', oldest)
  end
end
