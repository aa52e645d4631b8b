"""How large a sheet may be, for every reader and guard: numbers only.

House rule, from what a county needs (tens of thousands of objects, a province file in parts) and
from what one request may cost the service.
"""

MAX_BYTES = 10 * 1024 * 1024  # of a workbook, which is packed
MAX_TEXT_FILE = 32 * 1024 * 1024  # of a csv file: 100,000 rows of all columns are 20 MB
MAX_ROWS = 100_000  # rows of data in one import
HEADER_SEARCH_ROWS = 30  # titles and notes above the header
MAX_SHEET_ROWS = MAX_ROWS + HEADER_SEARCH_ROWS
MAX_LINES = 1_048_576  # of a text file with its blank ones: what a sheet has
MAX_COLUMNS = 200
MAX_AREA = 5_020_000  # cells of the grid up to the furthest one: 32 bytes each in the reader
MAX_TEXT_BYTES = 256 * 1024 * 1024  # what all cells hold together, shared texts counted per use
MAX_MERGED_CELLS = 2_000_000  # cells that merges may fill
