"""A subscriber made of python3-websockets. Does what its arguments say and tells about it, a line of JSON each.

Usage: websockets_client.py URL [subscribe FILTER] [ping] [close CODE] [events COUNT] ..., one after the other.
"""

import asyncio
import json
import sys

import websockets


def tell(**what):
    print(json.dumps(what), flush=True)


async def act(socket, actions):
    name = actions.pop(0)
    if name == "events":
        for _ in range(int(actions.pop(0))):
            tell(event=json.loads(await socket.recv()))
    elif name == "subscribe":
        text = json.dumps({"subscribe": [actions.pop(0)]})
        await socket.send(iter([text[:5], text[5:9], text[9:]]))  # three fragments
        tell(answer=json.loads(await socket.recv()))
    elif name == "ping":
        await asyncio.wait_for(await socket.ping(b"are you there"), 10)
        tell(pong=True)
    elif name == "close":
        await socket.close(int(actions.pop(0)), "enough")
        tell(closed=socket.close_code)
    elif name == "wait":
        try:
            tell(unexpected=await socket.recv())
        except websockets.ConnectionClosed as end:
            tell(closed=end.rcvd.code if end.rcvd else None, reason=end.rcvd.reason if end.rcvd else "")


async def main(url, actions):
    try:
        async with websockets.connect(url, open_timeout=20) as socket:
            tell(start=json.loads(await socket.recv()))
            while actions:
                await act(socket, actions)
    except websockets.InvalidStatusCode as refusal:
        tell(refused=refusal.status_code)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
