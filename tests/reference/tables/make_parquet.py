"""Writes Parquet files with pyarrow 26.0.1:

- One table in several encodings and compressions, and the same table as text (parquet.csv).
- odd.parquet: columns with types other than numbers and text.
- int96.parquet, zstd.parquet, empty.parquet and twice.parquet: special cases and files that are refused.
"""

import datetime
import decimal
import random
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

here = Path(__file__).parent
random.seed(1)
ROWS = 150
CITIES = ["Paris", "Pa,ris", 'Pa"ris', "Pa\nris", "Zürich", "Åre"]


def any_float(width, form):
    value = float("inf")
    while not abs(value) < float("inf"):
        value = struct.unpack(form, random.randbytes(width))[0]
    return value


def gap(row, value):
    return None if row % 7 == 3 else value


rows = range(ROWS)
doubles = [0.0, -0.0, 1.0, 0.1, 1e16, 1e-5, 5e-324, 1.7976931348623157e308] + [any_float(8, "<d") for _ in rows][8:]
columns = {
    "tiny": pa.array([row % 256 - 128 for row in rows], pa.int8()),
    "int": pa.array([(row - 75) * 28_633_115 for row in rows], pa.int32()),
    "long": pa.array([-(2**63), 2**63 - 1] + [random.getrandbits(63) for _ in rows][2:], pa.int64()),
    "unsigned": pa.array([2**32 - 1 - row for row in rows], pa.uint32()),
    "unsigned_long": pa.array([2**64 - 1 - row for row in rows], pa.uint64()),
    "float": pa.array([any_float(4, "<f") for _ in rows], pa.float32()),
    "double": pa.array(doubles, pa.float64()),
    "gaps": pa.array([gap(row, row / 8) for row in rows], pa.float64()),
    "int_gaps": pa.array([gap(row + 1, row) for row in rows], pa.int64()),
    "nan": pa.array([float("nan") if row % 11 == 5 else row * 0.3 for row in rows], pa.float64()),
    "flag": pa.array([row % 3 == 0 for row in rows], pa.bool_()),
    "city": pa.array([CITIES[row % len(CITIES)] for row in rows], pa.string()),
    "level": pa.array([row % 4 for row in rows], pa.int16()),
    "when": pa.array([datetime.date(2020, 1, 1)] * ROWS, pa.date32()),
    "label": pa.array(["yes" if row % 5 < 2 else "no" for row in rows], pa.string()),
}
table = pa.table(columns)
# The text has each f32 with all digits of its value as a double.
pa.csv.write_csv(table.set_column(5, "float", table["float"].cast(pa.float64())), here / "parquet.csv")
categories = table.set_column(11, "city", table["city"].dictionary_encode())
fields = [field.with_nullable(field.name in ("gaps", "int_gaps")) for field in table.schema]
required = table.cast(pa.schema(fields))
for name, contents, options in [
    ("plain", table, {"compression": "none", "use_dictionary": False}),
    ("snappy", categories, {"compression": "snappy"}),
    ("gzip", table, {"compression": "gzip", "data_page_version": "2.0"}),
    ("lz4", table, {"compression": "lz4", "row_group_size": 41}),
    ("groups", required, {"compression": "snappy", "row_group_size": 1, "write_statistics": False}),
    (
        "encodings",
        required,
        {
            "compression": "snappy",
            "use_dictionary": False,
            "row_group_size": 100,
            "data_page_size": 64,
            "column_encoding": {
                "int": "DELTA_BINARY_PACKED",
                "float": "BYTE_STREAM_SPLIT",
                "double": "BYTE_STREAM_SPLIT",
                "flag": "RLE",
                "city": "DELTA_BYTE_ARRAY",
                "label": "DELTA_LENGTH_BYTE_ARRAY",
            },
        },
    ),
]:
    keep = contents if name != "groups" else contents.slice(0, 12)
    pq.write_table(keep, here / f"{name}.parquet", store_schema=False, **options)

two = {"a": pa.array([1.5, 2.5]), "y": pa.array([0, 1])}
moment = datetime.datetime(2020, 1, 1)
odd = {
    "date": pa.array([moment.date()] * 2),
    "time": pa.array([moment.time()] * 2),
    "moment": pa.array([moment] * 2, pa.timestamp("ms")),
    "nanos": pa.array([moment] * 2, pa.timestamp("ns")),
    "decimal": pa.array([decimal.Decimal("1.5")] * 2),
    "list": pa.array([[1, 2], [3]]),
    "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
    "group": pa.array([{"u": 1, "v": 2}] * 2),
    "fixed": pa.array([b"ab"] * 2, pa.binary(2)),
    "half": pa.array([1.5, 2.5], pa.float16()),
    "bytes": pa.array([b"u", b"\xff"], pa.binary()),
    "nothing": pa.array([None, None], pa.null()),
}
pq.write_table(pa.table(odd | two), here / "odd.parquet")
pq.write_table(pa.table({"a": two["a"], "moment": odd["moment"], "y": two["y"]}), here / "int96.parquet",
               use_deprecated_int96_timestamps=True)
pq.write_table(pa.table(two), here / "zstd.parquet", compression={"a": "zstd", "y": "none"})
pq.write_table(pa.table(two).slice(0, 0), here / "empty.parquet")
pq.write_table(pa.table([two["a"], two["a"], two["y"]], names=["a", "a", "y"]), here / "twice.parquet")
