"""make soak, for a minute instead of half an hour."""

from __future__ import annotations

import pytest

from tests import mariadb_server, soak


@pytest.mark.long
def test_it_stays_as_it_is_under_mixed_traffic(
    mariadb: mariadb_server.MariadbServer,
) -> None:
    with soak.soaked(seconds=60) as run:
        assert run.outages == 2
        assert run.problems() == [], run.lines()
        acknowledged = sum(map(len, run.acknowledged.values()))
        assert acknowledged > 300
