-- Deletes a queue that belongs to a process, once nobody at all was heard of for long: its process has died, and all others too.
--
-- ARGV: the layout that the caller knows, for how long, in ms. Reply: 1 if there is no such queue (any more), else 0.

if home.loadQueue() then
  local time = q.time
  home.tick('')
  if q.version ~= tonumber(ARGV[1]) or q.temporary ~= 1 or q.time - time < tonumber(ARGV[2]) then return 0 end
  -- A server whose memory is full refuses what a script writes first, unless that deletes.
  call('DEL', KEY.leases)
  if q.list ~= '' then home.lookAtList() end
end
home.dropSessions()
home.dropQueue()
return 1
