"""Announcements, each taking effect exactly once in the merchant's own database.

A merchant's program imports this package. It needs the extra `consumer`, a driver of the program's own choice, and
nothing of the service. These names are promised: docs/reference/stability.md says what that means. Each kind of
database stands apart, in `asyncpg_database`, `psycopg_database`, `sqlalchemy_database` and `django_database`.
"""

from paystate.entrypoints.consumer.blocking import BlockingConsumer
from paystate.entrypoints.consumer.consumer import Consumer
from paystate.entrypoints.consumer.feed import AnnouncementDamaged, Event, Feed, PullFailed
from paystate.entrypoints.consumer.taking import TABLES, Overtaken

__all__ = [
    "TABLES",
    "AnnouncementDamaged",
    "BlockingConsumer",
    "Consumer",
    "Event",
    "Feed",
    "Overtaken",
    "PullFailed",
]
