"""What `Store` promises of the heartbeats of workers."""

from datetime import timedelta

from attrs import evolve
from contract.samples import NOW, after_s

from paystate.core.heartbeats import KEPT_MAX, Heartbeat
from paystate.core.ports.store import Store

BEAT = Heartbeat(worker_id="w1", host="till-1", pid=7, version="0.1.0", started_at=NOW, beat_at=NOW, steps=1)


class HeartbeatsContract:
    async def test_no_worker_is_known_at_first(self, store: Store) -> None:
        assert [] == list(await store.heartbeats())

    async def test_each_worker_s_newest_heartbeat_is_kept(self, store: Store) -> None:
        later = evolve(BEAT, beat_at=after_s(10), steps=51)
        beside = evolve(BEAT, worker_id="w2", host="till-2", pid=8)
        for beat in (BEAT, beside, later):
            await store.leave_heartbeat(beat)
        assert [later, beside] == sorted(await store.heartbeats(), key=lambda one: one.worker_id)

    async def test_workers_that_crash_again_and_again_leave_no_more_than_a_bound(self, store: Store) -> None:
        for number in range(KEPT_MAX + 3):
            await store.leave_heartbeat(evolve(BEAT, worker_id=f"w{number}", beat_at=NOW + timedelta(seconds=number)))
        left = {one.worker_id for one in await store.heartbeats()}
        assert {f"w{number}" for number in range(3, KEPT_MAX + 3)} == left
