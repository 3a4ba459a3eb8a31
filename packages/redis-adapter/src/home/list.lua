-- A queue over a plain list: what waits for the first time lies in the list, as bare values, where programs that know nothing
-- of this queue push and pop as well. What a consumer of ours was sent is a block like any other. Entries of the list have the
-- places from `tail` on, the oldest first, which nobody wrote down.

local LIST      -- the list's key; nil where the queue has none
local TAG       -- what stands before each value in a block: the codec's id
local pushes    -- the side at which entries are pushed: 'L' or 'R'
local hasMarks  -- some entries have been delivered before

local MOST_PUSHED = 4000         -- values in one command
local MOST_TAKEN = 16            -- the same, where nobody knows how large they are
local MOST_BYTES = 1024 * 1024   -- of a block that is made of entries

-- --- rarely ---

-- Others have settled these, the oldest, by popping them.
function home.passPlaces(count)
  local from = q.tail
  q.tail = from + count
  q.head = q.tail
  if q.joins > 0 then home.openJoins(from, q.tail) end
end

-- Counts what others have done since the last script. What was popped and pushed meanwhile is seen as the difference only.
function home.lookAtList()
  local side, tag, key = q.list:match('^([LR])(%d+):(.*)$')
  LIST, TAG, pushes = key, string.char(tonumber(tag)), side
  local count = call('LLEN', LIST)
  local more = count - q.listed
  q.listed = count
  q.size = q.size + more
  if more > 0 then
    q.put = q.put + more
  elseif more < 0 then
    q.taken = q.taken - more
    q.acked = q.acked - more
    q.lastTaken = q.clock
    q.lastSettled = q.clock
    home.passPlaces(-more)
  end
  if count == 0 then call('DEL', KEY.marks) else hasMarks = call('EXISTS', KEY.marks) == 1 end
end

function home.pushAt(side, values)
  for i = 1, #values, MOST_PUSHED do
    call(side .. 'PUSH', LIST, unpack(values, i, min(#values, i + MOST_PUSHED - 1)))
  end
  q.listed = q.listed + #values
end

-- A block that has come goes to the list, value by value.
function home.pushBlock(body, count)
  local values = {}
  local data, from = 4 * count, 0
  for i = 1, count do
    local to = struct.unpack('<I4', body, 4 * i - 3)
    values[i] = body:sub(data + from + 2, data + to)
    from = to
  end
  home.pushAt(pushes, values)
end

-- The oldest entries end here.
function home.trimList(count)
  if pushes == 'L' then call('LTRIM', LIST, 0, -1 - count) else call('LTRIM', LIST, count, -1) end
  q.listed = q.listed - count
  if q.listed == 0 then call('DEL', KEY.marks) end
  home.passPlaces(count)
end

-- What is known of an entry that was delivered before and is in the list again, by its bytes.
function home.marksOf(entry)
  local stored = call('HGET', KEY.marks, redis.sha1hex(entry))
  return stored and unpack_(stored) or {}
end

function home.setMarks(entry, marks)
  if #marks > 0 then
    call('HSET', KEY.marks, redis.sha1hex(entry), pack(marks))
    hasMarks = true
  else
    call('HDEL', KEY.marks, redis.sha1hex(entry))
  end
end

-- Makes a block of the oldest entries, up to `most` of them. Answers the block, and what is known of its one item if it has a mark.
function home.takeFromList(most)
  local entries, bytes = {}, 0
  local mark
  while #entries < most and bytes < MOST_BYTES and not mark do
    local some = call((pushes == 'L' and 'R' or 'L') .. 'POP', LIST, hasMarks and 1 or min(MOST_TAKEN, most - #entries))
    if not some then break end
    if hasMarks then
      local marks = home.marksOf(some[1])
      if marks[1] then
        if #entries > 0 then
          -- It is the first of the next block.
          call((pushes == 'L' and 'R' or 'L') .. 'PUSH', LIST, some[1])
          break
        end
        mark = table.remove(marks, 1)
        home.setMarks(some[1], marks)
      end
    end
    for _, entry in ipairs(some) do
      entries[#entries + 1] = entry
      bytes = bytes + #entry
    end
  end
  local ends, items, stop = {}, {}, 0
  for i, entry in ipairs(entries) do
    stop = stop + 1 + #entry
    ends[i] = struct.pack('<I4', stop)
    items[i] = TAG .. entry
  end
  local block, count = q.tail, #entries
  local body = table.concat(ends) .. table.concat(items)
  home.addBlock(block, body, count)
  q.listed = q.listed - count
  q.head, q.headBlock, q.tail = block, block, block + count
  return block, mark
end

-- What nobody will tell us of: 1 an entry that somebody pushes, where consumers of ours wait for one; 2 one that somebody pops,
-- where our producers wait for room or others for the end, and 3 the same where consumers of ours are there too.
function home.watch()
  if q.disbanded == 1 then return 0 end
  if q.listed == 0 then
    return q.hungry + q.ahead > 0 and 1 or 0
  end
  if q.seekers == 0 and q.joins == 0 and (q.closed == 0 or q.ended == 1 or q.openProducers > 0) then return 0 end
  return q.consumers == 0 and 2 or 3
end
