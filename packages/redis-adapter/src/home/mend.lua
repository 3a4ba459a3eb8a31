-- Makes a queue whole of what is left of it, after keys of it were deleted or evicted. All sessions have to come back. Items stay
-- as far as they can be found: better some of them twice, and marked, than one never.

-- --- rarely ---

function home.count(name)
  local kind = call('TYPE', KEY[name]).ok
  if kind == 'hash' then return call('HLEN', KEY[name]) end
  if kind == 'zset' then return call('ZCARD', KEY[name]) end
  return kind == 'list' and call('LLEN', KEY[name]) or 0
end

-- Which places before `head` are not settled, by block: true where a consumer had them.
function home.unsettled(isSure)
  local found = {}
  local function note(block, from, to, delivered)
    local places = found[block] or {}
    found[block] = places
    for place = from, to - 1 do places[place] = delivered or places[place] or false end
  end
  for _, member in ipairs(call('ZRANGE', KEY.returned, 0, -1)) do
    local block, from, to = member:match('(%d+):(%d+):(%d+)')
    note(tonumber(block), tonumber(from), tonumber(to), not isSure)
  end
  for _, stored in ipairs(call('HVALS', KEY.endpoints)) do
    for _, part in pairs(unpack_(stored).parts or {}) do
      for i = 1, #part.open, 2 do note(part.block, part.from + part.open[i], part.from + part.open[i + 1], true) end
    end
  end
  return found
end

-- Answers how many items are lost.
function home.mend(generation)
  local before = q.size + q.inHand + max(0, home.count('letter-order') - home.count('letters'))
  local isSure = home.count('facts') == q.facts
  local isKnown = home.count('endpoints') == q.producers + q.consumers and (home.count('returned') > 0) == (q.returned > 0)
  local isCounted = home.count('settled') == q.settled
  local found = home.unsettled(isSure)
  call('DEL', KEY.returned)
  local kept, ended = 0, 0
  local blocks = call('HGETALL', KEY.counts)
  q.size, q.inHand, q.returned = q.listed, 0, 0
  for i = 1, #blocks, 2 do
    local block, stop = tonumber(blocks[i]), tonumber(blocks[i]) + tonumber(blocks[i + 1])
    local places = found[block] or {}
    -- Entries of a plain list are nowhere else; what a script has put that broke off is said again.
    if LIST then q.tail = max(q.tail, stop) end
    local known, waits = 0, min(stop, q.tail)
    for place = block, waits - 1 do
      if place >= q.head and places[place] == nil then places[place] = false end
      if places[place] ~= nil then known = known + 1 end
    end
    local open = isKnown and known or stop - block
    if isCounted then open = stop - block - tonumber(call('HGET', KEY.settled, block) or 0) end
    local left, from = 0, nil
    if call('HEXISTS', KEY.bodies, block) == 1 then
      for place = block, waits - 1 do
        local delivered = places[place]
        -- Some of these are not settled: better all of them again than one never.
        if delivered == nil and known < open then delivered = true end
        if delivered ~= nil and (place < q.epochStart or (delivered and q.acknowledge == 'on-take')) then
          local why = place < q.epochStart and 'cleared' or 'dropped'
          q[why] = q[why] + 1
          ended = ended + 1
          delivered = nil
        end
        if delivered == nil then
          if from then home.putBack(block, from, place) end
          from = nil
        else
          from = from or place
          left = left + 1
          if delivered then
            local facts = home.factsOf(place)
            facts.attempt = facts.attempt + 1
            facts.alone = true
            home.setFacts(place, facts)
          end
        end
      end
      if from then home.putBack(block, from, waits) end
    end
    call('HDEL', KEY.settled, block)
    if left == 0 then
      for _, name in ipairs({ 'bodies', 'counts' }) do call('HDEL', KEY[name], block) end
    elseif left < stop - block then
      call('HSET', KEY.settled, block, stop - block - left)
    end
    kept = kept + left
  end
  q.facts, q.settled = home.count('facts'), home.count('settled')
  q.size = q.size + kept
  q.head = q.tail
  local lost = max(0, before - q.size - ended)
  q.dropped = q.dropped + lost

  home.forgetAll()
  home.mendPairs()
  q.mended, q.lost, q.generation = q.generation, lost, generation
  return lost
end

-- Forgets who took part: all have to come back.
function home.forgetAll()
  for _, ids in ipairs({ call('HKEYS', KEY.sessions), call('ZRANGE', KEY.leases, 0, -1) }) do
    for _, id in ipairs(ids) do call('DEL', home.members(id), home.outbox(id)) end
  end
  for _, stored in ipairs(call('HVALS', KEY.endpoints)) do home.rememberSeen(home.putterOf(unpack_(stored))) end
  local keys = {}
  for name in ('endpoints producers consumers slots sessions leases seekers eager holders hungry ahead fetchers stuck syncs joins tries ' ..
    'polls lapsed lapsed-at'):gmatch('%S+') do keys[#keys + 1] = KEY[name] end
  call('DEL', unpack(keys))
  q.waitedMs = q.waitedMs + q.seekers * q.clock - q.sinceSum
  for name in ('producers consumers openProducers openConsumers reserved seekers eager alarm stuck syncs joins tries polls recalls ' ..
    'itemRecalls sinceSum closed ended hungry ahead'):gmatch('%S+') do q[name] = 0 end
  E, dirty, sessions = {}, {}, {}
end

-- Where one of two keys that belong together is gone, the other is made to fit.
function home.mendPairs()
  if home.count('letters') ~= home.count('letter-order') then
    local ids = call('HKEYS', KEY.letters)
    table.sort(ids, function(a, b) return tonumber(a:match('%d+$')) < tonumber(b:match('%d+$')) end)
    call('DEL', KEY['letter-order'])
    for _, id in ipairs(ids) do call('RPUSH', KEY['letter-order'], id) end
  end
  if home.count('seen') ~= home.count('seen-at') then
    call('DEL', KEY['seen-at'])
    for _, id in ipairs(call('HKEYS', KEY.seen)) do call('ZADD', KEY['seen-at'], home.ticket(), id) end
  end
end
