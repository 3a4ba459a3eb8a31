-- Room: producers put against credits, which are room that is reserved for them. Whoever waits for room stands in one line.

local AHEAD_MOST = 2048
local served = {} -- producers that were granted room in this script

-- What puts: a producer, or the deliveries of a consumer. The second kind is a part of its consumer's state.
function home.putterOf(e)
  if e.role == 'producer' then return e end
  if not e.loop then e.loop = { id = e.id, isLoop = 1, outstanding = 0, waiting = 0, arrived = 0 } end
  return e.loop
end

function home.ahead(p)
  if p.isLoop or q.overflow ~= 'wait' or q.gate == 1 then return 0 end
  if bound == huge then return AHEAD_MOST end
  local share = q.producers == 1 and bound or floor(bound / 2 / q.producers)
  return min(AHEAD_MOST, share)
end

function home.portion(p)
  return max(1, floor(home.ahead(p) / 4))
end

-- Whether it can be asked to return room is a matter of what it has.
function home.rankHolder(p)
  if p.isLoop then return end
  local holds = p.outstanding > 0 and p.waiting <= 0 and not p.recalling
  if holds ~= (p.holds or false) then
    p.holds = holds
    call(holds and 'SADD' or 'SREM', KEY.holders, p.id)
  end
end

-- Nobody waits: an active producer gets room ahead of need, in large portions, now or as soon as there is one.
function home.topUp(e, p)
  local target = home.ahead(p)
  if target == 0 or p.outstanding * 2 > target or not home.accepting() then return end
  local n = min(target - p.outstanding, home.room())
  if n < home.portion(p) then
    home.wantsRoom(e, p)
    return
  end
  home.grant(e, p, n)
  home.sendCredits(e, p)
  served[e.id] = nil
  home.rankHolder(p)
end

function home.roomCame()
  if q.eager == 0 or q.seekers > 0 or home.room() < q.alarm then return end
  local ids = call('SMEMBERS', KEY.eager)
  call('DEL', KEY.eager)
  q.eager = 0
  q.alarm = 0
  for _, id in ipairs(ids) do
    local e = home.endpoint(id)
    if e then home.topUp(e, e) end
  end
end

-- --- at times ---

function home.wants(p)
  if p.waiting <= 0 then return 0 end
  return max(p.waiting, home.ahead(p)) - (p.unsent or 0)
end

function home.seek(e, p)
  if not p.inLine then
    p.inLine = q.clock
    q.seekers = q.seekers + 1
    q.sinceSum = q.sinceSum + q.clock
  end
  call('ZADD', KEY.seekers, home.ticket(), e.id)
end

function home.leaveLine(e, p)
  if not p.inLine then return end
  call('ZREM', KEY.seekers, e.id)
  q.seekers = q.seekers - 1
  q.sinceSum = q.sinceSum - p.inLine
  q.waitedMs = q.waitedMs + q.clock - p.inLine
  p.inLine = nil
end

function home.wantsNoRoom(e)
  if call('SREM', KEY.eager, e.id) == 1 then
    q.eager = q.eager - 1
    if q.eager == 0 then q.alarm = 0 end
  end
end

function home.wantsRoom(e, p)
  if call('SADD', KEY.eager, e.id) == 1 then q.eager = q.eager + 1 end
  local size = home.portion(p)
  if q.alarm == 0 or size < q.alarm then q.alarm = size end
end

function home.sendCredits(e, p)
  local n = p.unsent or 0
  if n == 0 then return end
  p.unsent = nil
  local answered = max(0, min(p.waiting, n))
  p.waiting = p.waiting - answered
  home.emit(e, { e.id, TO.CREDIT, n, answered })
end

function home.grant(e, p, n)
  q.reserved = q.reserved + n
  p.outstanding = p.outstanding + n
  p.unsent = (p.unsent or 0) + n
  served[e.id] = e
  home.touch(e)
end

function home.rankStuck(c)
  local stuck = c.loop ~= nil and c.loop.waiting > 0
  if stuck ~= (c.isStuck or false) then
    c.isStuck = stuck
    call(stuck and 'SADD' or 'SREM', KEY.stuck, c.id)
    q.stuck = q.stuck + (stuck and 1 or -1)
  end
end

-- Asks those that hold room and do not use it.
function home.recallRoom()
  for _, id in ipairs(call('SMEMBERS', KEY.holders)) do
    local p = home.endpoint(id)
    if p then
      p.recalling = true
      q.recalls = q.recalls + 1
      home.wantsNoRoom(p)
      home.rankHolder(p)
      home.touch(p)
      home.emit(p, { id, TO.RECALL })
    end
  end
end

-- Gives room to those who have something to send, in turns.
function home.serveSeekers()
  while q.seekers > 0 do
    local id = call('ZRANGE', KEY.seekers, 0, 0)[1]
    local e = home.endpoint(id)
    local p = home.putterOf(e)
    if not home.accepting() then
      -- Whoever waits refuses by itself, as soon as it hears of the gate.
      home.leaveLine(e, p)
      home.touch(e)
    else
      local free = home.room()
      if free <= 0 then break end
      local share = max(1, floor(free / q.seekers))
      local n = min(home.wants(p), share)
      if n > 0 then home.grant(e, p, n) end
      if home.wants(p) > 0 then
        call('ZADD', KEY.seekers, home.ticket(), id)
      else
        home.leaveLine(e, p)
      end
      home.touch(e)
    end
  end
  for id, e in pairs(served) do
    local p = home.putterOf(e)
    home.sendCredits(e, p)
    if home.wants(p) <= 0 then home.leaveLine(e, p) end
    if p.isLoop then home.rankStuck(e) else
      home.rankHolder(p)
      if home.ahead(p) > 0 then home.wantsRoom(e, p) end
    end
    home.touch(e)
    served[id] = nil
  end
  -- Whoever has just got room counts too: what it does not use at once goes to those who still wait.
  if q.seekers > 0 and q.reserved > 0 and home.room() <= 0 then home.recallRoom() end
end

-- --- rarely ---

-- Whoever asked for room now or not at all is answered once it is known.
function home.answerTries()
  if q.tries == 0 then return end
  for _, key in ipairs(call('HKEYS', KEY.tries)) do
    local try = unpack_(call('HGET', KEY.tries, key))
    local e = home.endpoint(try.id)
    local done = true
    if e then
      local p = home.putterOf(e)
      if home.accepting() and home.room() > 0 then
        q.reserved = q.reserved + 1
        p.outstanding = p.outstanding + 1
        home.rankHolder(p)
        home.touch(e)
        home.emit(e, { e.id, TO.TRIED, try.request, true })
      elseif q.recalls > 0 and home.accepting() then
        done = false
      else
        home.emit(e, { e.id, TO.TRIED, try.request, false })
      end
    end
    if done then
      call('HDEL', KEY.tries, key)
      q.tries = q.tries - 1
    end
  end
end

function home.endPutter(e, p)
  home.leaveLine(e, p)
  q.reserved = q.reserved - p.outstanding
  p.outstanding = 0
  p.waiting = 0
  p.unsent = nil
  served[e.id] = nil
  if p.recalling then
    p.recalling = nil
    q.recalls = q.recalls - 1
  end
  if p.isLoop then home.rankStuck(e) else
    home.rankHolder(p)
    home.wantsNoRoom(e)
  end
end
