"""What `Store` promises of the uses of API keys."""

from contract.samples import MERCHANT, NOW, after_s

from paystate.core.key_uses import NOTED_EVERY, KeyUses
from paystate.core.ports.store import Store

EVERY_S = NOTED_EVERY.total_seconds()


class KeyUsesContract:
    async def test_no_key_is_known_at_first(self, store: Store) -> None:
        assert KeyUses() == await store.key_uses(MERCHANT)

    async def test_the_last_use_of_each_key_is_kept_for_its_merchant(self, store: Store) -> None:
        await store.note_key_use(MERCHANT, "aaaaaaaa", NOW)
        await store.note_key_use(MERCHANT, "bbbbbbbb", after_s(7))
        await store.note_key_use("another", "aaaaaaaa", after_s(9))
        assert KeyUses(last_used={"aaaaaaaa": NOW, "bbbbbbbb": after_s(7)}) == await store.key_uses(MERCHANT)

    async def test_a_use_soon_after_the_one_that_is_kept_is_not_written(self, store: Store) -> None:
        kept = []
        for seconds in (0, EVERY_S - 1, EVERY_S, EVERY_S + 1, 2 * EVERY_S):
            await store.note_key_use(MERCHANT, "aaaaaaaa", after_s(seconds))
            kept.append((await store.key_uses(MERCHANT)).last_used["aaaaaaaa"])
        assert [NOW, NOW, after_s(EVERY_S), after_s(EVERY_S), after_s(2 * EVERY_S)] == kept

    async def test_a_use_noted_by_a_clock_that_ran_ahead_is_put_right(self, store: Store) -> None:
        await store.note_key_use(MERCHANT, "aaaaaaaa", after_s(86_400))
        await store.note_key_use(MERCHANT, "aaaaaaaa", NOW)
        assert {"aaaaaaaa": NOW} == (await store.key_uses(MERCHANT)).last_used
