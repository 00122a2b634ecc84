"""What the methods of both clients say of themselves: to `inspect`, to `help`, and to who reads their annotations."""

import ast
import inspect
import pydoc
from typing import Any, get_args, get_type_hints

import pytest
from integration.juspay import typed_calls

from paystate.adapters.juspay import BlockingJuspayClient, Calls, JuspayClient, OrderRecord

CALLS = sorted(name for name in dir(Calls) if not name.startswith("_"))
CLIENTS = [JuspayClient, BlockingJuspayClient]

each_call = pytest.mark.parametrize("name", CALLS)
each_client = pytest.mark.parametrize("client", CLIENTS)


def asserted(function: str) -> dict[str, Any]:
    """What `typed_calls.py` has the type checkers agree with, by the name of the call."""
    tree = ast.parse(inspect.getsource(getattr(typed_calls, function)))
    (function_def,) = tree.body
    assert isinstance(function_def, (ast.FunctionDef, ast.AsyncFunctionDef))
    texts: dict[str, str] = {}
    for line in function_def.body:
        match line:
            case ast.Expr(ast.Call(args=[ast.Await(ast.Call(ast.Attribute(attr=name))), record])):
                texts[name] = ast.unparse(record)
            case ast.Expr(ast.Call(args=[ast.Call(ast.Attribute(attr=name)), record])):
                texts[name] = ast.unparse(record)
            case _:
                raise AssertionError(ast.unparse(line))
    return get_type_hints(type("Asserted", (), {"__annotations__": texts}), dict(vars(typed_calls)))


def record_of(name: str) -> Any:
    """What the answer of a call is read as."""
    (record,) = get_args(get_type_hints(getattr(Calls, name))["return"])
    return record


@each_client
@each_call
def test_a_method_says_that_it_returns_the_record_and_not_a_call(client: type, name: str) -> None:
    method = getattr(client, name)
    assert record_of(name) == inspect.signature(method).return_annotation
    assert record_of(name) == get_type_hints(method)["return"]


@each_client
@each_call
def test_a_method_takes_what_the_call_takes(client: type, name: str) -> None:
    taken = inspect.signature(getattr(client, name)).parameters.values()
    makes = inspect.signature(getattr(Calls, name), eval_str=True).parameters.values()
    assert list(makes) == list(taken)


@each_call
def test_a_method_of_the_async_client_alone_is_a_coroutine_function(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(JuspayClient, name))
    assert not inspect.iscoroutinefunction(getattr(BlockingJuspayClient, name))


@each_client
@each_call
def test_a_method_is_named_after_its_client_and_leads_back_to_no_call(client: type, name: str) -> None:
    method = getattr(client, name)
    assert (client.__module__, f"{client.__name__}.{name}") == (method.__module__, method.__qualname__)
    assert method is inspect.unwrap(method)


@each_call
def test_the_type_checkers_are_asked_of_every_call(name: str) -> None:
    assert (record_of(name), record_of(name)) == (asserted("awaited")[name], asserted("waited_for")[name])


def test_help_shows_what_a_call_returns_and_what_it_is_for() -> None:
    awaited, waited_for = (
        without_blanks(pydoc.plain(pydoc.render_doc(one.get_order))) for one in (JuspayClient, BlockingJuspayClient)
    )
    takes = "get_order(self, order_id: str, *, routing_id: str, full_gateway_response: bool = False)"
    method = without_blanks(f"{takes} -> {OrderRecord.__module__}.OrderRecord | None  Ask for the order")
    assert (f"async{method}" in awaited, "async" in waited_for) == (True, False)
    assert method in waited_for


def without_blanks(text: str) -> str:
    """Newer versions of Python break a long line where older ones do not."""
    return "".join(text.split())
