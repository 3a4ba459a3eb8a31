# Pushes numbered entries: port, key, name, how many.
import json
import sys

import redis

_, port, key, name, count = sys.argv
client = redis.Redis(host='127.0.0.1', port=int(port), db=0)
for n in range(int(count)):
    client.lpush(key, json.dumps({'by': name, 'n': n}))
