-- What goes to endpoints, collected by session: one frame a session and script. Those of the script's own session go with its
-- reply, those of others are published; all are kept until their session has confirmed them, so that none is missed.

local TO = {
  CREDIT = 41, RECALL = 42, FLUSHED = 43, ANSWERS = 44, SEEN = 45, CLOSED = 46, SYNC = 47, STUCK = 48, GONE = 49, TRIED = 50,
  ITEMS = 60, DRAINED = 61, POLLED = 62,
  ANSWER = 80, EVENT = 81,
}

local out = {} -- session's id -> { messages }
local byKeeper = false -- another thread of the session's asks: the frame would go to the wrong place
local broken = false -- a block that was to be sent is not there
local bodies = {} -- blocks that this script has stored or read
local counts = {} -- how many items they have
local HEAD = '\255\255\255\255'
local JOINED = 2048 -- up to so many bytes are published with their head

-- Bytes in a message stand at its end: a string, or { block, from, to } for a part of a stored block.
function home.emitTo(to, message)
  local messages = out[to]
  if not messages then
    messages = {}
    out[to] = messages
  end
  messages[#messages + 1] = message
end

function home.emit(e, message)
  home.emitTo(e.session, message)
end

-- How many items a block has.
function home.countOf(block)
  local count = counts[block]
  if not count then
    count = tonumber(call('HGET', KEY.counts, block) or 0)
    counts[block] = count
  end
  return count
end

function home.bodyOf(block)
  local body = bodies[block]
  if not body then
    body = call('HGET', KEY.bodies, block)
    if body then bodies[block] = body end
  end
  return body
end

-- A part of a block: the table of ends of its items, and their bytes. The reader takes off `base`, where they begin.
function home.cut(part)
  local block, from, to = part[1], part[2], part[3]
  local body = home.bodyOf(block)
  if not body then
    broken = true
    return '', 0
  end
  local count = home.countOf(block)
  if from == 0 and to == count then return body, 0 end
  local base = from == 0 and 0 or struct.unpack('<I4', body, 4 * from - 3)
  local stop = struct.unpack('<I4', body, 4 * to - 3)
  local data = 4 * count
  return body:sub(4 * from + 1, 4 * to) .. body:sub(data + base + 1, data + stop), base
end

-- Leaves of messages what goes to their session: where they name bytes, the number of these and where their items begin. Answers
-- the frame's head, { number, messages, sizes of the bytes }, the bytes themselves, and what they were made of.
function home.frame(number, messages)
  local sizes, parts, sources = {}, {}, {}
  for _, message in ipairs(messages) do
    local source = message.bytes
    if source then
      local bytes, base = source, 0
      if type(source) == 'table' then bytes, base = home.cut(source) end
      local n = #parts + 1
      sizes[n], parts[n], sources[n] = #bytes, bytes, source
      message.bytes = nil
      message[#message + 1] = n
      message[#message + 1] = base
    end
  end
  return pack({ number, messages, sizes }), parts, sources
end

-- A head stands behind four bytes that no block of items can begin with, and its own size.
function home.behindSize(head)
  return HEAD .. struct.pack('<I4', #head) .. head
end

-- Bytes stay apart, since Lua hashes all of every string that it makes: a block that was given to this script goes on as the
-- same string. Only where they are few they are joined, which costs less than a message of their own.
function home.deliver(publish)
  local own = false
  for to, messages in pairs(out) do
    local s = home.session(to)
    if s then
      s.out = s.out + 1
      local head, parts, sources = home.frame(s.out, messages)
      call('RPUSH', home.outbox(to), head .. pack(sources))
      head = home.behindSize(head)
      if to == sid and not byKeeper then
        own = parts
        table.insert(own, 1, head)
      else
        call('HSET', KEY.sessions, to, pack(s))
        local total = 0
        for _, part in ipairs(parts) do total = total + #part end
        local channel = KEY['to:' .. to]
        if total > 0 and total <= JOINED then
          call(publish, channel, head .. table.concat(parts))
        else
          call(publish, channel, head)
          for _, part in ipairs(parts) do call(publish, channel, part) end
        end
      end
    end
  end
  return own
end

-- --- rarely ---

function home.answer(to, request, value)
  home.emitTo(to, { '', TO.ANSWER, request, value })
end

function home.event(kind, ...)
  for _, id in ipairs(call('HKEYS', KEY.sessions)) do home.emitTo(id, { '', TO.EVENT, kind, ... }) end
end

-- A frame that was stored, as the parts of which it is sent.
function home.sentAgain(stored)
  local head, sources = unpack_(stored)
  local parts = { home.behindSize(pack(head)) }
  for i, source in ipairs(sources) do parts[i + 1] = type(source) == 'table' and home.cut(source) or source end
  return parts
end
