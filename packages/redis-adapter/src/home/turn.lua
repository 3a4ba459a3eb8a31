-- A turn: what a session's endpoints have said since its last one, applied at once.
--
-- ARGV: session, its token, the turn's number, the last frame it has, the command to publish with, the time (empty: the
-- server's), the last turn whose answer it has, then a packed list of messages and the bytes that they name. Turns 0 and -1 apply nothing: they keep the lease and
-- end those that ran out; -1 is for another thread of the process, which cannot take frames.
-- Reply: { 0, the turn's number, number of the last frame, frame or false, size, in hand, how many ms ago an item was last
-- taken and settled, or -1, 1 if a turn of nothing moved something, and what of a plain list is to be watched: see `watch` };
-- { 1 } when the lease is lost; { 2, last turn that is known } when turns are missing; { 3 } when there is no such queue, or it is of another layout;
-- { 4, last turn that is known } when the server has forgotten what it had answered before; { 5 } when keys are missing.

sid = ARGV[1]
if not home.loadQueue() or q.version ~= LAYOUT then return { 3 } end
home.tick(ARGV[6])
local me = home.session(sid)
if not me or me.token ~= tonumber(ARGV[2]) then return { 1 } end
local number = tonumber(ARGV[3])
if number == 0 and not home.isWhole() then return { 5 } end
byKeeper = number < 0
local received = tonumber(ARGV[4])
if received > me.out or tonumber(ARGV[7]) > me.turn then return { 4, me.turn } end
if number > me.turn + 1 then return { 2, me.turn } end
local messages = number == me.turn + 1 and unpack_(ARGV[8]) or {}
local puts = false
for _, m in ipairs(messages) do puts = puts or m[1] ~= '' and (m[2] == M.BLOCK or m[2] == M.ASK) end
-- A server without memory refuses a script at its first write, unless that can only free some, and asks no more after it: items
-- have to wait, whatever else their turn does, but what takes them out goes on. Neither of these changes anything.
if puts then call('HSETNX', K, 'version', LAYOUT) else call('HDEL', K, '') end
home.renew(me)
if q.list ~= '' then home.lookAtList() end
home.reap()
if received > me.kept then
  call('LTRIM', home.outbox(sid), received - me.kept, -1)
  me.kept = received
end
local leaves = false
if number == me.turn + 1 then
  me.turn = number
  me.lost = nil
  bytesOf = {}
  for i = 9, #ARGV do bytesOf[i - 9] = ARGV[i] end
  for _, m in ipairs(messages) do
    if m[1] ~= '' then
      home.fromEndpoint(m[1], m[2], m)
    elseif m[2] == R.LEAVE then
      leaves = m
    else
      home.request(m)
    end
  end
end
if leaves then home.endSession(sid, leaves[4], leaves[5]) end
home.tend()
-- What has ended, or belonged to one session, leaves nothing behind; dead letters stay until somebody has looked at them. A
-- plain list needs nothing beside it while nobody of ours is there.
local last = leaves and call('HLEN', KEY.sessions) == 0
local done = q.ended == 1 or LIST
if q.disbanded == 1 or (last and (q.temporary == 1 or (done and call('LLEN', KEY['letter-order']) == 0))) then
  local own = home.deliver(ARGV[5])
  home.dropSessions()
  home.dropQueue()
  return { 0, number, me.out, own, 0, 0, -1, -1, 0 }
end
if last and done then
  q.closed = 0
  q.ended = 0
end
-- Whatever follows from a turn is done in it: one that says nothing must find nothing to do, but for sessions that have ended.
local stirred = number == 0 and next(out) ~= nil and 1 or 0
local own = home.deliver(ARGV[5])
if not leaves then call('HSET', KEY.sessions, sid, pack(me)) end
home.saveEndpoints()
home.saveQueue()
return { 0, number, me.out, own, q.size, q.inHand, q.lastTaken > 0 and q.clock - q.lastTaken or -1, q.lastSettled > 0 and q.clock - q.lastSettled or -1, stirred, LIST and home.watch() or 0 }
