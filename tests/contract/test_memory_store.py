"""The contract, on memory."""

import pytest
from contract.store_contract import StoreContract

from paystate.adapters.storage.memory import MemoryStore
from paystate.core.ports.store import Store


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
