-- Somebody deletes a key of a queue, or the server evicts one: what is known twice no longer agrees. All that would make a
-- script fail, or somebody wait for ever, is looked at.

-- --- rarely ---

function home.isWhole()
  local endpoints = q.producers + q.consumers
  local sizes = {
    { 'SCARD', 'producers', q.producers }, { 'SCARD', 'consumers', q.consumers }, { 'HLEN', 'endpoints', endpoints },
    { 'HLEN', 'slots', q.openProducers + q.openConsumers - endpoints }, { 'ZCARD', 'seekers', q.seekers }, { 'SCARD', 'eager', q.eager },
    { 'SCARD', 'stuck', q.stuck }, { 'HLEN', 'syncs', q.syncs }, { 'HLEN', 'joins', q.joins }, { 'HLEN', 'tries', q.tries },
    { 'HLEN', 'polls', q.polls }, { 'HLEN', 'facts', q.facts }, { 'HLEN', 'settled', q.settled },
    { 'ZCARD', 'hungry', q.hungry }, { 'ZCARD', 'ahead', q.ahead },
    { 'ZCARD', 'seen-at', call('HLEN', KEY.seen) }, { 'LLEN', 'letter-order', call('HLEN', KEY.letters) },
    { 'ZCARD', 'lapsed-at', call('HLEN', KEY.lapsed) },
  }
  for _, size in ipairs(sizes) do
    if call(size[1], KEY[size[2]]) ~= size[3] then return false end
  end
  if
    call('ZCARD', KEY.leases) < call('HLEN', KEY.sessions) or (call('EXISTS', KEY.returned) == 1) ~= (q.returned > 0)
    or (call('EXISTS', KEY.counts) == 1) ~= (q.size + q.inHand > q.listed)
    or (q.head < q.tail and call('HEXISTS', KEY.counts, q.headBlock) == 0)
  then
    return false
  end
  -- Whether endpoints stand in the lines that they take themselves to stand in: of a few, each time others.
  local some = call('HRANDFIELD', KEY.endpoints, 8, 'WITHVALUES')
  for i = 2, #some, 2 do
    local e = unpack_(some[i])
    if
      call('HEXISTS', KEY.sessions, e.session) == 0 or call('SISMEMBER', home.members(e.session), e.id) == 0
      or (e.holds and call('SISMEMBER', KEY.holders, e.id) == 0) or (e.fetches and call('SISMEMBER', KEY.fetchers, e.id) == 0)
    then
      return false
    end
  end
  return true
end
