-- A session joins a queue, which comes into being if it is not there.
--
-- ARGV: session, the time (empty: the server's), the command to publish with, a name for a new generation (empty: only a queue
-- that is there is joined), a lease in ms, then the queue's options in turn: name, value.
-- Reply: { 0, token, epoch, ended, accepts, generation }, { 3 } when it is not there, or { 5, option, what it is, what was asked
-- for } when the queue has other options. The first of them is the version: of another one nothing else would be understood.

sid = ARGV[1]
local FIXED = { 'version', 'capacity', 'overflow', 'acknowledge', 'gate', 'maxDeliveries', 'deadLetterCapacity', 'codec', 'temporary', 'list' }
local asked = {}
for i = 6, #ARGV, 2 do asked[ARGV[i]] = ARGV[i + 1] end
if not home.loadQueue() then
  if ARGV[4] == '' then return { 3 } end
  for i = 6, #ARGV, 2 do call('HSET', K, ARGV[i], ARGV[i + 1]) end
  call('HSET', K, 'lease', ARGV[5], 'generation', ARGV[4], 'owner', sid)
  home.loadQueue()
else
  for _, name in ipairs(FIXED) do
    if tostring(q[name]) ~= asked[name] then return { 5, name, tostring(q[name]), asked[name] } end
  end
end
home.tick(ARGV[2])
local me = home.session(sid)
if not me then
  home.lookAtList()
  home.reap()
  q.fence = max(q.fence + 1, q.time * 1000)
  me = { token = q.fence, turn = 0, out = 0, kept = 0 }
  sessions[sid] = me
  call('HSET', KEY.sessions, sid, pack(me))
  call('ZADD', KEY.leases, q.clock + q.lease, sid)
  if q.disbanded == 1 then return { 6 } end
  home.tend()
  home.deliver(ARGV[3])
  home.saveEndpoints()
  home.saveQueue()
end
return { 0, me.token, q.epoch, q.ended, home.accepting() and 1 or 0, q.generation }
