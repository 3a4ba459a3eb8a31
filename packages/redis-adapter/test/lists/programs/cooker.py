# Pushes entries onto a list, as any program might: host, port, key, side, and the entries' values as lines of JSON on stdin.
import json
import sys

import redis

_, port, key, side = sys.argv
client = redis.Redis(host='127.0.0.1', port=int(port), db=0)
push = client.lpush if side == 'left' else client.rpush
for line in sys.stdin:
    push(key, json.dumps(json.loads(line)))
