# Pops entries from a list until it has as many as it was told, and prints their values as lines of JSON.
import json
import sys

import redis

_, port, key, side, count = sys.argv
client = redis.Redis(host='127.0.0.1', port=int(port), db=0)
pop = client.brpop if side == 'left' else client.blpop
for _ in range(int(count)):
    _, entry = pop(key)
    print(json.dumps(json.loads(entry)), flush=True)
