"""The reference of delivery: a loop that posts prepared messages and does nothing else.

A process of its own, started with a job on standard input. The client library, its pool and the number of connections are those of
imgate's push; the headers, signature included, and the bytes are made beforehand, and nothing is kept of what is answered but its status.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import uvloop

from imgate.transports.connections import Connections


async def post_all(url: str, letters: list[dict[str, Any]], connections: int) -> Counter[int]:
    """Post each letter once, several at a time; give how often which status was answered."""
    http = await Connections(ssl.create_default_context).here()
    address, timeouts = httpx2.URL(url), {"timeout": httpx2.Timeout(10.0).as_dict()}
    waiting, statuses = iter(letters), Counter[int]()

    async def post(each: Iterator[dict[str, Any]]) -> None:
        for letter in each:
            request = httpx2.Request("POST", address, headers=letter["headers"], content=letter["body"], extensions=timeouts)
            answer = await http.handle_async_request(request)
            async for _ in answer.aiter_raw():
                pass
            await answer.aclose()
            statuses[answer.status_code] += 1

    await asyncio.gather(*(post(waiting) for _ in range(connections)))
    return statuses


def main() -> None:
    """Read the job, do it, write the statuses to standard output."""
    job = json.load(sys.stdin)
    letters = [orjson.loads(line) for line in Path(job["letters"]).read_bytes().splitlines()]
    for letter in letters:
        letter["body"] = letter["body"].encode()
    json.dump(uvloop.run(post_all(job["url"], letters, job["connections"])), sys.stdout)


if __name__ == "__main__":
    main()
