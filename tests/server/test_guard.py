"""The server under fault: foreign names and origins, malformed, huge and fast messages, many users at once."""

import asyncio
import json
import os
import random
import time

import httpx
import pytest
import websockets
from hypothesis import given, settings
from hypothesis import strategies as st

from ketasim.core.errors import InputError
from ketasim.server import messages
from ketasim.server.frames import decode, encode


def go(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 180))


def test_foreign_host_and_origin_are_refused(server):
    assert httpx.get(f"{server.http}/api/choices", headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(f"{server.http}/api/choices", headers={"origin": "http://evil.example"}).status_code == 403
    assert httpx.get(f"{server.http}/api/choices").status_code == 200

    async def main():
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with server.talk(origin="http://evil.example"):
                pass
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with server.talk(additional_headers={"Host": "evil.example"}):
                pass

    go(main())


def test_headers_keep_the_page_to_itself(server):
    policy = httpx.get(f"{server.http}/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy.replace("https", "")
    assert httpx.get(f"{server.http}/").headers["x-content-type-options"] == "nosniff"


def test_only_files_of_the_bundle_are_served(server):
    for path in ("/../pyproject.toml", "/assets/../../app.py", "/%2e%2e/app.py", "/etc/passwd", "/app.py"):
        assert httpx.get(server.http + path).status_code in (400, 404)


def test_large_and_foreign_bodies_are_refused(server):
    big = httpx.post(f"{server.http}/api/export", content=b"x" * 100_000, headers={"content-type": "application/json"})
    assert big.status_code == 413
    assert httpx.post(f"{server.http}/api/export", content=b"a=1").status_code == 415
    wrong = httpx.post(f"{server.http}/api/export", json={"format": "exe"})
    assert wrong.status_code == 422 and "format" in wrong.json()["error"]
    chunked = httpx.post(
        f"{server.http}/api/export", content=iter([b"x" * 60_000]), headers={"content-type": "application/json"}
    )
    assert chunked.status_code >= 400


def test_a_fuzzed_socket_leaves_others_served(server, ask):
    rng = random.Random(7)
    kinds = ("curves", "bands", "weeks", "session", "inverse", "network", "job.start", "job.cancel", "ping", "nonsense")

    def noise():
        choice = rng.randrange(6)
        if choice == 0:
            return os.urandom(rng.randrange(200)).decode("latin-1")
        if choice == 1:
            return "[" * 5000
        if choice == 2:
            return json.dumps({"type": rng.choice(kinds), "id": rng.choice([1, -1, 1e99, "x", None])})
        if choice == 3:
            return json.dumps(
                {"type": "curves", "id": 1, "scene": {"regimen": "9" * rng.randrange(600), "until_h": 1e300}}
            )
        if choice == 4:
            return '{"type":"curves","id":1,"scene":{"until_h":NaN}}'
        return json.dumps({"type": "bands", "id": 2, "people": 10**9, "scene": {"patient": {"name": "Jane Doe"}}})

    async def attack():
        for _ in range(4):
            try:
                async with server.talk() as ws:
                    for _ in range(60):
                        await ws.send(noise())
            except websockets.exceptions.ConnectionClosed:
                pass
        for payload in (b"\x00" * 100, "x" * 40_000):
            try:
                async with server.talk() as ws:
                    await ws.send(payload)
                    await ws.recv()
            except websockets.exceptions.ConnectionClosed:
                pass

    async def good():
        async with server.talk() as ws:
            for number in range(20):
                head, _ = await ask(ws, type="curves", id=number + 1, scene={"patient": {"weight_kg": 60 + number}})
                assert head["type"] == "curves"

    async def main():
        await asyncio.gather(attack(), attack(), good())

    go(main())
    assert httpx.get(f"{server.http}/api/choices").status_code == 200


def test_a_flood_is_cut_off(server):
    async def main():
        async with server.talk() as ws:
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                for number in range(20_000):
                    await ws.send(json.dumps({"type": "ping", "id": number}))
                    if number % 50 == 0:
                        await asyncio.sleep(0)
                while True:
                    await ws.recv()
            return closed.value.rcvd.code

    assert go(main()) == 1008


def test_the_newest_question_wins(server):
    async def main():
        async with server.talk() as ws:
            for number in range(1, 61):
                scene = {"patient": {"weight_kg": 40 + number}}
                await ws.send(json.dumps({"type": "curves", "id": number, "scene": scene}))
            answered, dropped = [], []
            while not answered or answered[-1] != 60:
                m = await ws.recv()
                if isinstance(m, bytes):
                    answered.append(decode(m)[0]["id"])
                else:
                    dropped.append(json.loads(m)["id"])
            return answered, dropped

    answered, dropped = go(main())
    assert answered == sorted(answered) and answered[-1] == 60
    assert len(answered) < 60 and sorted(answered + dropped) == list(range(1, 61))


def test_one_user_is_answered_at_once_and_five_still_quickly(server, ask):
    """Targets: 50 ms slider to paint alone, 150 ms with bands, 250 ms for five users (p95 on two idle cores).

    Asserted with room for a machine that does other work; the medians are printed for the record.
    """

    async def user(n, rounds=25):
        took = []
        async with server.talk() as ws:
            for number in range(rounds):
                begun = time.perf_counter()
                await ask(ws, type="curves", id=number + 1, scene={"patient": {"weight_kg": 50 + n + number}})
                took.append(time.perf_counter() - begun)
                await asyncio.sleep(0.02)
        return sorted(took[3:])

    async def main():
        alone = await user(0)
        many = sorted(t for row in await asyncio.gather(*(user(10 * k) for k in range(5))) for t in row)
        return alone, many

    alone, many = go(main())
    print(
        f"alone p50 {alone[len(alone) // 2] * 1e3:.0f} ms, p95 {alone[int(0.95 * len(alone))] * 1e3:.0f} ms; ", end=""
    )
    print(f"five p50 {many[len(many) // 2] * 1e3:.0f} ms, p95 {many[int(0.95 * len(many))] * 1e3:.0f} ms")
    room = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert alone[len(alone) // 2] < 0.05 * room * 2
    assert many[int(0.95 * len(many))] < 0.25 * room * 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=12), x, max_size=4),
    )
)
@settings(max_examples=80)
def test_any_json_is_a_message_or_one_sentence(value):
    try:
        messages.read(json.dumps(value))
    except InputError as error:
        assert "\n" not in str(error)[:200]


def test_frames_round_trip_and_refuse_what_they_are_not():
    import numpy as np

    head, arrays = decode(encode({"type": "x", "id": 1}, {"times": np.array([0.1, 0.2]), "values": np.ones((3, 5))}))
    assert head["id"] == 1 and arrays["times"].dtype == np.float64 and arrays["values"].shape == (3, 5)
    for junk in (b"", b"\x00" * 7, b"\xff" * 64):
        with pytest.raises(ValueError):
            decode(junk)
