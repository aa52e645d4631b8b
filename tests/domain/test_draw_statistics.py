"""Fixed seeds, α = 1e-6: over many draws every object is drawn as often as its quota says.

The expected false alarm is one in a million per test, and the seeds are fixed, so a failure is a
change of the algorithm. Critical values are constants from the incomplete gamma function.
"""

import hashlib
import math
from collections import Counter
from itertools import combinations, pairwise, permutations

from app.domain.draw import SelectionPass, draw_keys, select, ticket

# quantiles of χ² at 1 - 1e-6 by degrees of freedom, and of |normal| (two-sided)
_CHI2 = {5: 35.89, 9: 44.81, 23: 70.55, 99: 180.79, 199: 308.60}
_CHI2_LOW_199 = 118.10  # the quantile at 1e-6
_NORMAL = 4.892


def _key(n):
    return draw_keys(hashlib.sha256(b"statistics %d" % n).hexdigest()).object


def _codes(n):
    return [f"91150525MA{i:07}X" for i in range(n)]


def _winners(codes, k, n, stratum="A"):
    lines = [f"{code}\t{stratum}\t1\t-".encode() for code in codes]
    one_pass = SelectionPass(_key(n), {stratum: k}, {stratum: len(codes)}, 0, full=True)
    one_pass.add(lines)
    return one_pass.outcome().codes(stratum)


def _chi2(counts, expected):
    return sum((count - expected) ** 2 / expected for count in counts)


def test_every_object_is_drawn_equally_often():
    size, k, draws = 200, 20, 3000
    codes = _codes(size)
    times = Counter(code for n in range(draws) for code in _winners(codes, k, n))
    p = k / size
    # indicators of one draw are negatively correlated: N-1 degrees after this scaling
    statistic = sum((times[c] - draws * p) ** 2 for c in codes) / (draws * p * (1 - p))
    statistic *= (size - 1) / size
    assert statistic < _CHI2[199]
    assert statistic > _CHI2_LOW_199  # nor more evenly than chance allows


def test_inclusion_has_no_trend_along_the_codes():
    size, k, draws = 500, 25, 1500
    codes = _codes(size)
    place = {code: i - (size - 1) / 2 for i, code in enumerate(codes)}
    total = sum(place[c] for n in range(draws) for c in _winners(codes, k, 10_000 + n))
    spread = sum(x * x for x in place.values()) / (size - 1)
    variance = draws * k * spread * (1 - k / size)
    assert abs(total) / math.sqrt(variance) < _NORMAL


def test_every_subset_and_every_order_of_a_small_pool_is_equally_likely():
    codes, draws = _codes(4), 12_000
    orders = Counter(tuple(_winners(codes, 4, 50_000 + n)) for n in range(draws))
    assert set(orders) == set(permutations(codes))
    assert _chi2(orders.values(), draws / 24) < _CHI2[23]
    pairs = Counter()
    for order, count in orders.items():
        pairs[frozenset(order[:2])] += count
    assert set(pairs) == set(map(frozenset, combinations(codes, 2)))
    assert _chi2(pairs.values(), draws / 6) < _CHI2[5]


def test_the_rank_of_one_object_is_uniform():
    codes, draws = _codes(100), 10_000
    ranks = Counter()
    for n in range(draws):
        key = _key(100_000 + n)
        mine = ticket(key, codes[37])
        ranks[sum(ticket(key, code) < mine for code in codes)] += 1
    assert _chi2([ranks[r] for r in range(100)], draws / 100) < _CHI2[99]


def test_consecutive_draws_overlap_as_independent_draws_do():
    size, k, draws = 300, 60, 1500
    codes = _codes(size)
    sets = [set(_winners(codes, k, 300_000 + n)) for n in range(draws + 1)]
    overlap = sum(len(a & b) for a, b in pairwise(sets))
    mean = k * k / size
    variance = k * (k / size) * (1 - k / size) * (size - k) / (size - 1)
    assert abs(overlap - draws * mean) / math.sqrt(draws * variance) < _NORMAL


def test_strata_do_not_disturb_each_other():
    codes = _codes(60)
    lines = [f"{c}\t{'AB'[i % 2]}\t1\t-".encode() for i, c in enumerate(codes)]
    both = select(lambda: lines, _key(1), {"A": 5, "B": 7}, {"A": 30, "B": 30}, 3)
    assert both.codes("A") == _winners(codes[::2], 5, 1)
    assert both.codes("B") == _winners(codes[1::2], 7, 1, "B")
