"""What the tests of the import share."""

from __future__ import annotations

import pytest

from tests.commands.micrologs import PUBLIC_KEY, SECRET_KEY
from tests.conftest import Actor, Installation


@pytest.fixture
def old(installation: Installation) -> Actor:
    """The project of a Micrologs, once it is imported."""
    keys = {"public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
    return Actor(installation, id=7, name="Old", **keys)
