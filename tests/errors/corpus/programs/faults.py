"""Ways a Python program breaks: prints each traceback as JSON."""

import json
import sys
import traceback

seed = int(sys.argv[1])


class Ledger:
    def close(self, month):
        return {"jan": 1}[month]

    def owner(self):
        return self.holder.title

    def post(self, amount, account):
        return amount + account


def key_missing():
    Ledger().close("feb")


def attribute():
    Ledger().owner()


def missing_argument():
    Ledger().post(seed)


def parse_amount():
    return int(f"x{seed}")


def read_file():
    open(f"/tmp/ledger_{seed * 7919}/rows.dat")


def chained():
    try:
        key_missing()
    except KeyError as error:
        raise RuntimeError(f"ledger {seed * 991} not closed") from error


def context():
    try:
        parse_amount()
    except ValueError:
        raise RuntimeError(f"ledger {seed * 991} not closed")  # noqa: B904


def recursion(n=0):
    return recursion(n + 1)


def in_comprehension():
    return [row.total for row in [seed]]


def in_lambda():
    return list(map(lambda row: row.total, [seed]))


def nested():
    def inner(value):
        raise LookupError(f"no rate for {value!r}")

    inner(object())


def in_library():
    return json.loads("{" + str(seed))


def unbound():
    if seed < 0:
        rate = 1
    return rate


def descend(depth=seed):
    if depth:
        return descend(depth - 1)
    raise OverflowError("rounded to nothing")


names = """
    key_missing attribute missing_argument parse_amount read_file chained context
    recursion in_comprehension in_lambda nested in_library unbound descend
"""
found = {}
for name in names.split():
    try:
        globals()[name]()
    except Exception as error:
        found[name] = {
            "type": type(error).__name__,
            "message": str(error),
            "stack": traceback.format_exc(),
        }
print(json.dumps(found))
