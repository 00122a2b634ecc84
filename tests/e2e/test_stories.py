"""Each story of the demo, played over real HTTP and judged by three ledgers.

On one stack, as `paystate demo` does, but the last story first: none may lean on another.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from attrs import evolve
from rich.console import Console

from paystate.entrypoints.demo import run, show
from paystate.entrypoints.demo.run import START, tell
from paystate.entrypoints.demo.stack import MERCHANT_ID, Stack, running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.stories import CHAPTERS, STORIES
from paystate.entrypoints.demo.story import Expected, Played, Story, Verdict

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTHING = Expected(shopper_saw="nothing", status="NEW", charged="0.00", refunded="0.00", refunds=0, announced=0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("stories"), START) as running:
        yield running


@pytest.mark.parametrize("story", STORIES[::-1], ids=lambda story: story.name)
async def test_the_story_ends_as_it_says_in_all_three_ledgers(stack: Stack, story: Story) -> None:
    verdict = await tell(story, stack)
    assert verdict.wrong == ()


# --- the book


async def test_there_are_stories_enough() -> None:
    assert len(STORIES) >= 30
    assert len(STORIES) == len({story.name for story in STORIES})


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_story_is_told_in_plain_words(story: Story) -> None:
    for words in (story.happens, story.sees, story.to_say):
        assert re.search(r'[.?!]["”]?$', words), words
        assert not re.search(r"\b[A-Z][A-Z_]{4,}\b|\b[GRA]\d+\b", words), words


# --- the judge


async def judged(stack: Stack, order_id: str, expected: Expected, *, paid_unseen: bool = False) -> Verdict:
    """An order that is opened, and perhaps paid without Paystate's knowledge; judged by what a story expects."""

    async def play(stage: Stage) -> Played:
        made = {"merchant_id": MERCHANT_ID, "order_id": order_id, "amount": "10.00", "paid": paid_unseen}
        await stage.open_order(order_id, "10.00")
        await stage.fault("webhook_drop", "nobody tells Paystate", order_id=order_id, calls=9)
        await stage.juspay("POST", "/orders", made)
        return Played(order_id=order_id, shopper_saw="nothing", checks=(("the check holds", expected.sentences == ()),))

    return await tell(evolve(STORIES[0], expected=expected, play=play), stack)


def marks(verdict: Verdict) -> tuple[bool, bool, bool]:
    return verdict.journal_agrees, verdict.ledger_agrees, verdict.story_agrees


async def test_an_order_that_is_what_the_story_says_agrees(stack: Stack) -> None:
    assert (True, True, True) == marks(await judged(stack, "judge-fine", NOTHING))


async def test_an_announcement_that_nobody_made_is_the_journals_fault(stack: Stack) -> None:
    assert (False, True, True) == marks(await judged(stack, "judge-told", evolve(NOTHING, announced=1)))


async def test_a_reason_that_is_not_open_is_the_journals_fault(stack: Stack) -> None:
    assert (False, True, True) == marks(await judged(stack, "judge-open", evolve(NOTHING, review=("denied",))))


async def test_money_that_was_taken_after_all_is_the_ledgers_fault(stack: Stack) -> None:
    verdict = await judged(stack, "judge-paid", NOTHING, paid_unseen=True)
    assert ("the sandbox's ledger: charged is 10.00, the story says 0.00",) == verdict.wrong


async def test_what_the_explanation_does_not_say_and_a_check_that_fails_are_the_storys_own(stack: Stack) -> None:
    verdict = await judged(stack, "judge-said", evolve(NOTHING, sentences=("Pigs fly",)))
    assert (True, True, False) == marks(verdict)
    assert ("not so: the check holds", "the explanation does not say: Pigs fly") == verdict.wrong


async def test_a_shopper_who_saw_something_else_is_the_storys_own(stack: Stack) -> None:
    assert (True, True, False) == marks(await judged(stack, "judge-saw", evolve(NOTHING, shopper_saw="paid")))


# --- the run


async def test_a_story_that_breaks_leaves_everything_up_for_the_next(stack: Stack) -> None:
    async def play(stage: Stage) -> Played:
        await stage.fault("webhook_drop", "everything is lost", calls=99)
        await stage.stack.service.stop()
        await stage.juspay_goes_down("is gone")
        raise ZeroDivisionError("on purpose")

    broken = await tell(evolve(STORIES[0], play=play), stack)
    assert ("ZeroDivisionError: on purpose",) == broken.wrong
    assert (True, True, True) == marks(await judged(stack, "judge-after", NOTHING))


async def test_the_run_tells_its_stories_and_ends_with_a_table_that_fits() -> None:
    told = io.StringIO()
    code = await run.run(["straight", "forged"], keep=False, console=Console(file=told, width=80))
    assert 0 == code
    assert "2 of 2 stories agree in all three." in told.getvalue()
    assert all(story.to_say.split(". ")[0] in re.sub(r"\s+", " ", told.getvalue()) for story in _named("straight"))
    closing = told.getvalue().partition("agree?")[2].splitlines()
    assert ["straight", "paid", "REFUNDED", "yes", "yes", "yes"] in [line.split() for line in closing]


async def test_what_stays_up_names_the_last_order_that_was_played(stack: Stack) -> None:
    printed = io.StringIO()
    show.addresses(Console(file=printed, width=80), stack, {"shop": "http://127.0.0.1:1/"}, ["tea-1", "tea-2"])
    assert re.search(r"shop +http://127\.0\.0\.1:1/\n", printed.getvalue())
    assert f"Try: paystate order explain tea-2 --settings {stack.settings_file}\n" in printed.getvalue()
    assert stack.service_url in printed.getvalue()


async def test_the_list_names_every_story_under_its_chapter() -> None:
    told = io.StringIO()
    run.list_stories(Console(file=told, width=100))
    lines = told.getvalue().splitlines()
    titles = [chapter.title for chapter in CHAPTERS]
    assert titles == [line for line in lines if line in titles]
    assert [story.name for story in STORIES] == [line.split()[0] for line in lines if line.startswith("  ")]


def _named(name: str) -> list[Story]:
    return [story for story in STORIES if story.name == name]
