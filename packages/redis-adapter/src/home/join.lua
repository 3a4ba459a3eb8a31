-- A session joins a queue, which comes into being if it is not there, or comes back to it.
--
-- ARGV: session, the time (empty: the server's), the command to publish with, a name for a new generation (empty: only a queue
-- that is there is joined), a lease in ms, the generation that it comes back to (empty: it is new), 1 if what is known of it is
-- to be forgotten, 2 if keys of that generation are missing, then the queue's options in turn: name, value.
-- Reply: { 0, token, epoch, ended, accepts, generation, last turn that is known, lapsed, returned, in hand, owns, lost } where
-- `lapsed` tells that its lease had run out and its endpoints are lost, the two after it how many items went back, and how many
-- of them were in hand, `owns` that the queue was made by it, and `lost` how many items are lost since keys were missing, or -1;
-- { 5, option, what it is, what was asked for } when the queue has other options, the first of which is the version: of another
-- one nothing else would be understood; { 1 } when nothing is known of the session any more; { 3, lost } when the queue is not
-- there, or not the same: where it was made whole since, with how many items it has lost, else -1; { 6 } when it was given up.

sid = ARGV[1]
local back = ARGV[6] ~= ''
local FIXED = { 'version', 'capacity', 'overflow', 'acknowledge', 'gate', 'maxDeliveries', 'deadLetterCapacity', 'codec', 'temporary', 'list' }
local asked = {}
for i = 8, #ARGV, 2 do asked[ARGV[i]] = ARGV[i + 1] end
local isThere = home.loadQueue()
if back and (not isThere or q.generation ~= ARGV[6]) then return { 3, isThere and q.mended == ARGV[6] and q.lost or -1 } end
if not isThere and ARGV[4] == '' then return { 3, -1 } end
-- The first write frees memory: whoever comes to take items out is let in.
call('HDEL', K, '')
if not isThere then
  -- What is left of one that is gone belongs to nobody.
  home.dropSessions()
  home.dropQueue()
  local scalars = { lease = tonumber(ARGV[5]), generation = ARGV[4], owner = sid }
  for name, value in pairs(asked) do scalars[name] = TEXTS[name] and value or tonumber(value) end
  call('HSET', K, 'version', asked.version, 'name', asked.name)
  home.startQueue(scalars)
else
  for _, name in ipairs(FIXED) do
    if tostring(q[name]) ~= asked[name] then return { 5, name, tostring(q[name]), asked[name] } end
  end
end
home.tick(ARGV[2])
local me = home.session(sid)
local lost = -1
if isThere and (ARGV[7] == '2' or not (me or home.isWhole())) then
  if q.list ~= '' then home.lookAtList() end
  lost = home.mend(ARGV[4] ~= '' and ARGV[4] or sid)
  me, back = nil, false
elseif ARGV[7] == '1' then
  if me then
    -- It has asked before, and the answer was lost: what it begins afresh does not go with what it ends.
    local owner = q.owner
    q.owner = ''
    home.endSession(sid)
    q.owner = owner
  end
  call('HDEL', KEY.lapsed, sid)
  call('ZREM', KEY['lapsed-at'], sid)
  me = nil
end
if not me or back then
  if q.list ~= '' then home.lookAtList() end
  home.reap()
  q.fence = max(q.fence + 1, q.time * 1000)
  if not me then
    if q.disbanded == 1 then return { 6 } end
    me = { turn = 0, out = 0, kept = 0, lease = tonumber(ARGV[5]) }
    local stored = call('HGET', KEY.lapsed, sid)
    if stored then
      local was = unpack_(stored)
      me.turn, me.out, me.kept = was.turn, was.out, was.kept
      for _, frame in ipairs(was.frames) do call('RPUSH', home.outbox(sid), frame) end
      call('HDEL', KEY.lapsed, sid)
      call('ZREM', KEY['lapsed-at'], sid)
      -- Until it has said what it has instead: the answer to this may not arrive.
      me.lost = was.lost
      sessions[sid] = me
      for _, wait in ipairs(was.waits) do home.startSync(wait[1], sid, wait[2], wait[3]) end
    elseif back then
      return { 1 }
    end
  end
  -- What is still under way by the old one is void.
  me.token = q.fence
  sessions[sid] = me
  me.ends = nil
  home.renew(me)
  call('HSET', KEY.sessions, sid, pack(me))
  home.shortestLease()
  home.tend()
  byKeeper = true
  home.deliver(ARGV[3])
  home.saveEndpoints()
  home.saveQueue()
  return { 0, me.token, q.epoch, q.ended, home.accepting() and 1 or 0, q.generation, me.turn, me.lost and 1 or 0, me.lost and me.lost.returned or 0, me.lost and me.lost.inHand or 0, q.owner == sid and 1 or 0, lost }
end
return { 0, me.token, q.epoch, q.ended, home.accepting() and 1 or 0, q.generation, me.turn, 0, 0, 0, q.owner == sid and 1 or 0, lost }
