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

function home.answer(to, request, value)
  home.emitTo(to, { '', TO.ANSWER, request, value })
end

function home.event(kind, ...)
  for _, id in ipairs(call('HKEYS', KEY.sessions)) do home.emitTo(id, { '', TO.EVENT, kind, ... }) end
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
  local count = tonumber(call('HGET', KEY.counts, block))
  if from == 0 and to == count then return body, 0 end
  local base = from == 0 and 0 or struct.unpack('<I4', body, 4 * from - 3)
  local stop = struct.unpack('<I4', body, 4 * to - 3)
  local data = 4 * count
  return body:sub(4 * from + 1, 4 * to) .. body:sub(data + base + 1, data + stop), base
end

-- A frame, as its parts: the head, and the bytes that its messages name by their number. They stay apart, since Lua hashes all of
-- every string that it makes: a block that was given to this script goes on as the same string. The head is
-- { number, messages, how many parts follow }, behind four bytes that no block of items can begin with.
local HEAD = '\255\255\255\255'
function home.frame(number, messages)
  local parts, copies = { '' }, {}
  for i, message in ipairs(messages) do
    local copy = message
    local bytes = message.bytes
    if bytes then
      copy = {}
      for at = 1, #message do copy[at] = message[at] end
      local base = 0
      if type(bytes) == 'table' then bytes, base = home.cut(bytes) end
      parts[#parts + 1] = bytes
      copy[#copy + 1] = #parts - 1
      copy[#copy + 1] = base
    end
    copies[i] = copy
  end
  parts[1] = HEAD .. pack({ number, copies, #parts - 1 })
  return parts
end

function home.deliver(publish)
  local own = false
  for to, messages in pairs(out) do
    local s = home.session(to)
    if s then
      s.out = s.out + 1
      call('RPUSH', home.outbox(to), pack(messages))
      local parts = home.frame(s.out, messages)
      if to == sid and not byKeeper then
        own = parts
      else
        call('HSET', KEY.sessions, to, pack(s))
        for _, part in ipairs(parts) do call(publish, KEY['to:' .. to], part) end
      end
    end
  end
  return own
end
