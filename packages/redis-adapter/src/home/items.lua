-- Items: they have places in one order, given as they arrive; a block is a row of places. Those that wait are the row from
-- head to tail, and the runs that came back, all of which are before it.

function home.addBlock(block, body, count)
  call('HSET', KEY.bodies, block, body)
  call('HSET', KEY.counts, block, count)
  bodies[block], counts[block] = body, count
end

-- Stores a block behind all others. There is room for it, or it may exceed the bound, having been promised room before.
function home.store(body, count)
  q.size = q.size + count
  q.put = q.put + count
  if LIST then
    home.pushBlock(body, count)
    return
  end
  local block = q.tail
  if q.head == q.tail then q.headBlock = block end
  home.addBlock(block, body, count)
  q.tail = block + count
end

-- The first of the items that wait, up to `most` of them in one block: block, from, to, and whether they had come back.
function home.peek(most)
  if q.returned > 0 then
    local member = call('ZRANGE', KEY.returned, 0, 0)[1]
    local block, from, to = member:match('(%d+):(%d+):(%d+)')
    block, from, to = tonumber(block), tonumber(from), tonumber(to)
    return block, from, min(to, from + most), member, to
  end
  if q.head == q.tail then
    local block, mark = home.takeFromList(min(most, 256))
    if mark then
      -- It goes on from where it was when it went back to the list.
      home.setFacts(block, mark)
      q.head = q.tail
      home.putBack(block, block, q.tail)
      return home.peek(most)
    end
  end
  local stop = q.headBlock + home.countOf(q.headBlock)
  return q.headBlock, q.head, min(stop, q.head + most)
end

-- Takes out what `peek` gave, as far as `to`. The caller accounts for it.
function home.pop(block, from, to, member, stop)
  if member then
    call('ZREM', KEY.returned, member)
    if to < stop then call('ZADD', KEY.returned, to, home.run(block, to, stop)) end
    q.returned = q.returned - (to - from)
    return
  end
  q.head = to
  if to < q.tail and to == q.headBlock + home.countOf(q.headBlock) then q.headBlock = to end
end

-- --- at times ---

-- These items have reached the end of their lives.
function home.finish(block, from, to)
  local count = home.countOf(block)
  local settled = to - from
  if settled < count then
    settled = call('HINCRBY', KEY.settled, block, to - from)
    if settled == to - from then q.settled = q.settled + 1 end
    if settled >= count then
      call('HDEL', KEY.settled, block)
      q.settled = q.settled - 1
    end
  end
  if settled >= count then
    call('HDEL', KEY.counts, block)
    call('HDEL', KEY.bodies, block)
  end
  if q.joins > 0 then home.openJoins(from, to) end
end

function home.factsOf(place)
  local stored = call('HGET', KEY.facts, place)
  return stored and unpack_(stored) or { attempt = 1, begun = 0 }
end

function home.setFacts(place, facts)
  q.facts = q.facts + call('HSET', KEY.facts, place, pack(facts))
end

function home.dropFacts(place)
  q.facts = q.facts - call('HDEL', KEY.facts, place)
end

function home.run(block, from, to)
  return string.format('%.0f:%.0f:%.0f', block, from, to)
end

-- Places of a run that came back go to where they were.
function home.putBack(block, from, to)
  call('ZADD', KEY.returned, from, home.run(block, from, to))
  q.returned = q.returned + to - from
end

-- --- rarely ---

function home.openJoins(from, to)
  for _, id in ipairs(call('HKEYS', KEY.joins)) do
    local join = unpack_(call('HGET', KEY.joins, id))
    local before = min(to, join.stop) - from
    if before > 0 then
      join.open = join.open - before
      if join.open > 0 then
        call('HSET', KEY.joins, id, pack(join))
      else
        call('HDEL', KEY.joins, id)
        q.joins = q.joins - 1
        home.answer(join.session, join.request, 0)
      end
    end
  end
end

-- The oldest `count` items that wait end here.
function home.discardOldest(count, why)
  while count > 0 and home.waiting() > 0 do
    if q.returned == 0 and q.listed > 0 then
      local n = min(count, q.listed)
      home.trimList(n)
      q.size = q.size - n
      q[why] = q[why] + n
      return
    end
    local block, from, to, member, stop = home.peek(count)
    home.pop(block, from, to, member, stop)
    local n = to - from
    if member then
      for place = from, to - 1 do home.dropFacts(place) end
    end
    q.size = q.size - n
    q[why] = q[why] + n
    home.finish(block, from, to)
    count = count - n
  end
end

-- Nobody of ours takes what came back: it goes to the front of the list, where others can take it. Nothing is in hand then, nor
-- on its way to a consumer. What is known of earlier deliveries is kept for when one of ours gets it after all.
function home.giveToOthers()
  if not LIST or q.openConsumers > 0 or q.returned == 0 then return end
  local values, places = {}, {}
  for _, member in ipairs(call('ZRANGE', KEY.returned, 0, -1)) do
    local block, from, to = member:match('(%d+):(%d+):(%d+)')
    block, from, to = tonumber(block), tonumber(from), tonumber(to)
    for place = from, to - 1 do
      local value = home.cut({ block, place - block, place - block + 1 }):sub(6)
      local facts = call('HGET', KEY.facts, place)
      if facts then
        local marks = home.marksOf(value)
        marks[#marks + 1] = unpack_(facts)
        home.setMarks(value, marks)
      end
      values[#values + 1] = value
      places[#places + 1] = place
    end
  end
  call('DEL', KEY.returned, KEY.facts, KEY.bodies, KEY.counts, KEY.settled)
  bodies, counts = {}, {}
  q.returned, q.facts, q.settled = 0, 0, 0
  -- Entries have later places: whoever waits for these waits for as many.
  for _, id in ipairs(call('HKEYS', KEY.joins)) do
    local join = unpack_(call('HGET', KEY.joins, id))
    local count = 0
    for _, place in ipairs(places) do
      if place < join.stop then count = count + 1 end
    end
    join.stop = max(join.stop, q.tail) + count
    call('HSET', KEY.joins, id, pack(join))
  end
  for i = 1, floor(#values / 2) do values[i], values[#values + 1 - i] = values[#values + 1 - i], values[i] end
  home.pushAt(pushes == 'L' and 'R' or 'L', values)
end

-- --- dead letters -------------------------------------------------------------------------------------------------------

function home.bury(block, place, attempts, reason)
  local body = home.cut({ block, place - block, place - block + 1 })
  local data = 4
  -- One item's block: its table has one end, counted from its own beginning.
  body = struct.pack('<I4', #body - data) .. body:sub(data + 1)
  q.ids = q.ids + 1
  local id = string.format('%s/d%.0f', q.name, q.ids)
  local letter = { body = body, attempts = attempts, reason = reason or '', at = q.time }
  call('HSET', KEY.letters, id, pack(letter))
  call('RPUSH', KEY['letter-order'], id)
  for _, to in ipairs(call('HKEYS', KEY.sessions)) do
    home.emitTo(to, { '', TO.EVENT, 'dead-letter', id, attempts, #body, bytes = body .. (reason or '') })
  end
  q.dead = q.dead + 1
  home.dropFacts(place)
  home.finish(block, place, place + 1)
  if q.deadLetterCapacity >= 0 and call('LLEN', KEY['letter-order']) > q.deadLetterCapacity then
    local oldest = call('LPOP', KEY['letter-order'])
    call('HDEL', KEY.letters, oldest)
    q.deadDropped = q.deadDropped + 1
    home.event('dead-letter-dropped', oldest)
  end
end
