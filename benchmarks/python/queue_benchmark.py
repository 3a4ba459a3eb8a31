"""Moves items through multiprocessing.Queue, and prints the items per second of those that count.

    queue_benchmark.py PAYLOAD ITEMS WARM PRODUCERS CONSUMERS CAPACITY

Fails unless each item came once. The same check as ledger.ts, for Python.
"""

import multiprocessing
import sys
import time

TEXT = ("The mill race feeds the wheel; " * 4)[:100]
LARGE = 64 * 1024
MARKS = 200

PAYLOADS = {
    "small": (lambda index: index, lambda item: item),
    "medium": (
        lambda index: {"id": index, "ts": 1_700_000_000_000 + index, "payload": TEXT},
        lambda item: item["id"],
    ),
    "large": (
        lambda index: index.to_bytes(4, "big") + bytes(LARGE - 4),
        lambda item: int.from_bytes(item[:4], "big") if len(item) == LARGE else -1,
    ),
}


def produce(queue, payload, first, step, total):
    make, _ = PAYLOADS[payload]
    for index in range(first, total, step):
        queue.put(make(index))


def consume(queue, pages, payload, total, consumers):
    _, index_of = PAYLOADS[payload]
    seen = bytearray(total)
    marks = []
    stride = max(1, total // consumers // MARKS)
    count = 0
    while (item := queue.get()) is not None:
        seen[index_of(item)] += 1
        count += 1
        if count % stride == 0:
            marks.append((time.monotonic(), stride))
    pages.put((bytes(seen), marks))


def judge(pages, total, warm):
    for index in range(total):
        if sum(seen[index] for seen, _ in pages) != 1:
            raise SystemExit(f"Item {index} did not come once.")
    seen, counted, started_at, ended_at = 0, 0, None, 0.0
    for at, stride in sorted(mark for _, marks in pages for mark in marks):
        if started_at is None:
            seen += stride
            started_at = at if seen >= warm else None
        else:
            counted += stride
        ended_at = at
    return max(1, counted) / max(ended_at - (started_at or 0.0), 1e-6)


def main():
    payload = sys.argv[1]
    items, warm, producers, consumers, capacity = (int(word) for word in sys.argv[2:])
    total = items + warm
    queue = multiprocessing.Queue(capacity)
    pages = multiprocessing.Queue()
    taking = [
        multiprocessing.Process(target=consume, args=(queue, pages, payload, total, consumers), daemon=True)
        for _ in range(consumers)
    ]
    putting = [
        multiprocessing.Process(target=produce, args=(queue, payload, first, producers, total), daemon=True)
        for first in range(producers)
    ]
    for process in taking + putting:
        process.start()
    for process in putting:
        process.join()
    for _ in taking:
        queue.put(None)
    noted = [pages.get() for _ in taking]
    for process in taking:
        process.join()
    print(judge(noted, total, warm))


if __name__ == "__main__":
    main()
