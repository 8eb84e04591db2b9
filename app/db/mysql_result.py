"""What MySQL answers, as rows: columns that were described before are known again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.db import Row

    Column = tuple[str, Callable[[bytes], Any]]
    """Its name, and what makes a value of the bytes that are sent."""

MAX_KNOWN = 128
BINARY = 63
"""The character set of a column of bytes."""

_known: dict[bytes, list[Column]] = {}


def connection_class(pymysql: Any) -> Any:
    """Return PyMySQL's connection, whose rows are dictionaries."""
    result_class = _result_class(pymysql)

    class Connection(pymysql.connections.Connection):  # type: ignore[misc]
        _result: Any

        def rows(self) -> list[Row]:
            """Return the rows that the last statement returned."""
            return list(self._result.rows or ())

        def column_names(self) -> list[str]:
            """Return the names of its columns."""
            return [name for name, _ in self._result.columns]

        def _read_query_result(self, unbuffered: bool = False) -> int:
            self._result = None
            result = result_class(self)
            result.read()
            self._result = result
            if result.server_status is not None:
                self.server_status = result.server_status
            return int(result.affected_rows)

    return Connection


def _result_class(pymysql: Any) -> Any:
    # To describe 29 columns takes PyMySQL longer than the rest of a beacon's answer,
    # and the description is the same each time, to the byte.
    class Result(pymysql.connections.MySQLResult):  # type: ignore[misc]
        def _get_descriptions(self) -> None:
            read = self.connection._read_packet
            packets = [read().get_all_data() for _ in range(self.field_count)]
            read()  # only says that these are all
            described = b"".join(packets)
            columns = _known.get(described)
            if columns is None:
                columns = [_column(pymysql, self.connection, one) for one in packets]
                if len(_known) >= MAX_KNOWN:
                    _known.clear()
                _known[described] = columns
            self.columns = columns

        def _read_row_from_packet(self, packet: Any) -> Row:
            row: Row = {}
            for name, decode in self.columns:
                value = packet.read_length_coded_string()
                row[name] = None if value is None else decode(value)
            return row

    return Result


def _column(pymysql: Any, connection: Any, packet: bytes) -> Column:
    from pymysql.constants import FIELD_TYPE

    through = pymysql.converters.through
    field = pymysql.protocol.FieldDescriptorPacket(packet, connection.encoding)
    decoder = connection.decoders.get(field.type_code, through)
    is_text = field.type_code in pymysql.connections.TEXT_TYPES
    # JSON says that it is binary.
    if is_text and field.charsetnr == BINARY and field.type_code != FIELD_TYPE.JSON:
        return field.name, bytes
    if decoder is through:
        return field.name, bytes.decode
    # int takes bytes as well as text.
    return field.name, decoder if decoder is int else lambda v: decoder(v.decode())
