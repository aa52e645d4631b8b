"""Data shipped with the service: regions, departments, codes, industries, notices, passwords.

Each data set names its source and version, and says `unverified` where nobody has compared it
with the original yet. Loaders return frozen values and are read once. They refuse nothing and
decide nothing: what a code means for a rule is said in `app.domain`, and a year without a notice
is simply not here.
"""

from app.reference.calendar import ChangedDay, DayOff, HolidayNotice, MakeUpDay, holiday_notices
from app.reference.codes import Code, CodeGroup, code_groups, codes
from app.reference.passwords import common_passwords
from app.reference.places import Industry, Region, industries, regions
from app.reference.source import Source, sources
from app.reference.units import BusinessLine, Department, departments

__all__ = [
    "BusinessLine",
    "ChangedDay",
    "Code",
    "CodeGroup",
    "DayOff",
    "Department",
    "HolidayNotice",
    "Industry",
    "MakeUpDay",
    "Region",
    "Source",
    "code_groups",
    "codes",
    "common_passwords",
    "departments",
    "holiday_notices",
    "industries",
    "regions",
    "sources",
]
