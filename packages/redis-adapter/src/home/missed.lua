-- The frames that a session has missed, kept since it confirmed the last one.
--
-- ARGV: session, its token, the last frame it has. Reply: { 0, frames } or { 1 } when the lease is lost, { 3 } without a queue of this layout, { 4 }
-- when they, or what they name, are not there any more.

sid = ARGV[1]
if not home.loadQueue() or q.version ~= LAYOUT then return { 3 } end
local me = home.session(sid)
if not me or me.token ~= tonumber(ARGV[2]) then return { 1 } end
-- A turn that was said after this may have come before it, where the server knew the script no more and it was sent again: what
-- that turn confirmed is not missed.
local from = max(tonumber(ARGV[3]), me.kept)
local frames = {}
for i, stored in ipairs(call('LRANGE', home.outbox(sid), from - me.kept, -1)) do
  frames[i] = home.sentAgain(stored)
end
if broken or from + #frames < me.out then return { 4 } end
return { 0, frames }
