-- Room: producers put against credits, which are room that is reserved for them. Whoever waits for room stands in one line.

local AHEAD_MOST = 1024
local served = {} -- producers that were granted room in this script

-- What puts: a producer, or the deliveries of a consumer. The second kind is a part of its consumer's state.
local function putterOf(e)
  if e.role == 'producer' then return e end
  if not e.loop then e.loop = { id = e.id, isLoop = 1, outstanding = 0, waiting = 0, arrived = 0 } end
  return e.loop
end

local function ahead(p)
  if p.isLoop or q.overflow ~= 'wait' or q.gate == 1 then return 0 end
  if q.bound == huge then return AHEAD_MOST end
  local share = q.producers == 1 and q.bound or floor(q.bound / 2 / q.producers)
  return min(AHEAD_MOST, share)
end

local function portion(p)
  return max(1, floor(ahead(p) / 4))
end

local function wants(p)
  if p.waiting <= 0 then return 0 end
  return max(p.waiting, ahead(p)) - (p.unsent or 0)
end

-- Whether it can be asked to return room is a matter of what it has.
local function rankHolder(p)
  if p.isLoop then return end
  local holds = p.outstanding > 0 and p.waiting <= 0 and not p.recalling
  if holds ~= (p.holds or false) then
    p.holds = holds
    call(holds and 'SADD' or 'SREM', HOLDERS, p.id)
  end
end

local function seek(e, p)
  if not p.inLine then
    p.inLine = q.clock
    q.seekers = q.seekers + 1
    q.sinceSum = q.sinceSum + q.clock
  end
  call('ZADD', SEEKERS, ticket(), e.id)
end

local function leaveLine(e, p)
  if not p.inLine then return end
  call('ZREM', SEEKERS, e.id)
  q.seekers = q.seekers - 1
  q.sinceSum = q.sinceSum - p.inLine
  q.waitedMs = q.waitedMs + q.clock - p.inLine
  p.inLine = nil
end

local function wantsNoRoom(e)
  if call('SREM', EAGER, e.id) == 1 then
    q.eager = q.eager - 1
    if q.eager == 0 then q.alarm = 0 end
  end
end

local function wantsRoom(e, p)
  if call('SADD', EAGER, e.id) == 1 then q.eager = q.eager + 1 end
  local size = portion(p)
  if q.alarm == 0 or size < q.alarm then q.alarm = size end
end

local function sendCredits(e, p)
  local n = p.unsent or 0
  if n == 0 then return end
  p.unsent = nil
  local answered = max(0, min(p.waiting, n))
  p.waiting = p.waiting - answered
  emit(e, { e.id, TO.CREDIT, n, answered })
end

local function grant(e, p, n)
  q.reserved = q.reserved + n
  p.outstanding = p.outstanding + n
  p.unsent = (p.unsent or 0) + n
  served[e.id] = e
  touch(e)
end

local function rankStuck(c)
  local stuck = c.loop ~= nil and c.loop.waiting > 0
  if stuck ~= (c.isStuck or false) then
    c.isStuck = stuck
    call(stuck and 'SADD' or 'SREM', STUCK, c.id)
    q.stuck = q.stuck + (stuck and 1 or -1)
  end
end

-- Asks those that hold room and do not use it.
local function recallRoom()
  for _, id in ipairs(call('SMEMBERS', HOLDERS)) do
    local p = endpoint(id)
    if p then
      p.recalling = true
      q.recalls = q.recalls + 1
      wantsNoRoom(p)
      rankHolder(p)
      touch(p)
      emit(p, { id, TO.RECALL })
    end
  end
end

-- Gives room to those who have something to send, in turns.
local function serveSeekers()
  while q.seekers > 0 do
    local id = call('ZRANGE', SEEKERS, 0, 0)[1]
    local e = endpoint(id)
    local p = putterOf(e)
    if not accepting() then
      -- Whoever waits refuses by itself, as soon as it hears of the gate.
      leaveLine(e, p)
      touch(e)
    else
      local free = room()
      if free <= 0 then break end
      local share = max(1, floor(free / q.seekers))
      local n = min(wants(p), share)
      if n > 0 then grant(e, p, n) end
      if wants(p) > 0 then
        call('ZADD', SEEKERS, ticket(), id)
      else
        leaveLine(e, p)
      end
      touch(e)
    end
  end
  for id, e in pairs(served) do
    local p = putterOf(e)
    sendCredits(e, p)
    if wants(p) <= 0 then leaveLine(e, p) end
    if p.isLoop then rankStuck(e) else
      rankHolder(p)
      if ahead(p) > 0 then wantsRoom(e, p) end
    end
    touch(e)
    served[id] = nil
  end
  -- Whoever has just got room counts too: what it does not use at once goes to those who still wait.
  if q.seekers > 0 and q.reserved > 0 and room() <= 0 then recallRoom() end
end

-- Nobody waits: an active producer gets room ahead of need, in large portions, now or as soon as there is one.
local function topUp(e, p)
  local target = ahead(p)
  if target == 0 or p.outstanding * 2 > target or not accepting() then return end
  local n = min(target - p.outstanding, room())
  if n < portion(p) then
    wantsRoom(e, p)
    return
  end
  grant(e, p, n)
  sendCredits(e, p)
  served[e.id] = nil
  rankHolder(p)
end

local function roomCame()
  if q.eager == 0 or q.seekers > 0 or room() < q.alarm then return end
  local ids = call('SMEMBERS', EAGER)
  call('DEL', EAGER)
  q.eager = 0
  q.alarm = 0
  for _, id in ipairs(ids) do
    local e = endpoint(id)
    if e then topUp(e, e) end
  end
end

-- Whoever asked for room now or not at all is answered once it is known.
local function answerTries()
  if q.tries == 0 then return end
  for _, key in ipairs(call('HKEYS', TRIES)) do
    local try = unpack_(call('HGET', TRIES, key))
    local e = endpoint(try.id)
    local done = true
    if e then
      local p = putterOf(e)
      if accepting() and room() > 0 then
        q.reserved = q.reserved + 1
        p.outstanding = p.outstanding + 1
        rankHolder(p)
        touch(e)
        emit(e, { e.id, TO.TRIED, try.request, true })
      elseif q.recalls > 0 and accepting() then
        done = false
      else
        emit(e, { e.id, TO.TRIED, try.request, false })
      end
    end
    if done then
      call('HDEL', TRIES, key)
      q.tries = q.tries - 1
    end
  end
end

local function endPutter(e, p)
  leaveLine(e, p)
  q.reserved = q.reserved - p.outstanding
  p.outstanding = 0
  p.waiting = 0
  p.unsent = nil
  served[e.id] = nil
  if p.recalling then
    p.recalling = nil
    q.recalls = q.recalls - 1
  end
  if p.isLoop then rankStuck(e) else
    rankHolder(p)
    wantsNoRoom(e)
  end
end
