"""What a shop writes that takes webhooks by itself: FastAPI and SQLAlchemy's ORM, as their tutorials show it.

It knows its sender, keeps each webhook once, and notes that its order has to be looked at, in one transaction that is
on the disk before the answer: what Paystate promises of a webhook, and no more. `python fastapi_sqlalchemy.py DATABASE
PORT USER PASSWORD`.
"""

import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from sqlalchemy import JSON, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

DATABASE, PORT, USER, PASSWORD = sys.argv[1:]


class Base(DeclarativeBase):
    pass


class Webhook(Base):
    __tablename__ = "webhooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    event_name: Mapped[str]
    order_id: Mapped[str] = mapped_column(index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime]


class Due(Base):
    __tablename__ = "due"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


engine = create_engine(f"sqlite:///{DATABASE}", connect_args={"timeout": 60})


@event.listens_for(engine, "connect")
def durable(connection: Any, _: object) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")


Base.metadata.create_all(engine)
Sessions = sessionmaker(engine)
app = FastAPI()
login = HTTPBasic()


def session() -> Iterator[Session]:
    with Sessions() as opened:
        yield opened


def sender(given: Annotated[HTTPBasicCredentials, Depends(login)]) -> None:
    is_user = secrets.compare_digest(given.username.encode(), USER.encode())
    if not (secrets.compare_digest(given.password.encode(), PASSWORD.encode()) and is_user):
        raise HTTPException(401)


@app.post("/webhooks/juspay/benchshop", dependencies=[Depends(sender)])
def take(body: dict[str, Any], db: Annotated[Session, Depends(session)]) -> dict[str, Any]:
    order_id, now = body["content"]["order"]["order_id"], datetime.now(UTC)
    if db.scalar(select(Webhook.id).where(Webhook.event_id == body["id"])) is None:
        db.add(
            Webhook(event_id=body["id"], event_name=body["event_name"], order_id=order_id, body=body, received_at=now)
        )
        db.merge(Due(order_id=order_id, at=now))
        db.commit()
    return {}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(PORT), access_log=False, log_level="warning")
