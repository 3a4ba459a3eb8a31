-- Deletes a queue with all its keys.
--
-- ARGV: the layout that the caller knows, the command to publish with, 1 to do so even while sessions have leases, and what
-- they are told then.
-- Reply: { 0, items that waited, items in hand, dead letters, sessions }, { 3 } when there is no such queue, { 4, version, name }
-- when it is of another layout, or { 7, sessions } when it is in use.

if not home.loadQueue() then return { 3 } end
if q.version ~= tonumber(ARGV[1]) then return { 4, q.version, q.name } end
home.tick('')
local alive = call('ZCOUNT', KEY.leases, string.format('(%.0f', q.clock), '+inf')
if alive > 0 and ARGV[3] ~= '1' then return { 7, alive } end
-- A server whose memory is full refuses what a script writes first, unless that deletes: whoever frees memory must get on.
call('DEL', KEY.leases)
if q.list ~= '' then home.lookAtList() end
local reply = { 0, q.size, q.inHand, call('LLEN', KEY['letter-order']), call('HLEN', KEY.sessions) }
home.disband('ENDPOINT_LOST', ARGV[4])
home.deliver(ARGV[2])
home.dropSessions()
home.dropQueue()
return reply
