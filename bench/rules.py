"""The segments that are evaluated: drawn at random from a fixed seed, written for each contender in its own language.

A segment is a tree: `["all", [...]]`, `["any", [...]]`, or a comparison `[field, operator, value]` with the operators
`in` (a list of texts), `>` and `<=`. Times are milliseconds and days since 1970.
"""

import datetime
import random

# The short name of each field, and where it is.
FIELDS = {
    "country": "homeAddress.country",
    "tier": "loyalty.tier",
    "gender": "person.gender",
    "consent": "consents.marketing.email.val",
    "spent": "lifetimeValue",
    "points": "loyalty.points",
    "purchase": "lastPurchaseDate",
    "birth": "person.birthDate",
}
COUNTRIES = "US GB DE FR JP BR IN CA AU ES IT NL SE PL MX KR CH DK NO TR".split()
TIERS = ["bronze", "silver", "gold", "platinum"]
GENDERS = ["female", "male", "not_specified"]
CONSENTS = ["y", "n", "u"]
# 2022-01-01 and 2025-12-01, in milliseconds: when sample profiles bought something.
PURCHASES_MS = (1_640_995_200_000, 1_764_547_200_000)

# Peers keep the memberships of a profile as the bits of integers: so many to each, which leaves the sign alone.
BITS_PER_WORD = 60


def segments(count):
    """That many segments, the same each time. Hardly any two have a constant in common."""
    source = random.Random(4_711 + count)
    return [segment(source, number) for number in range(count)]


def segment(source, number):
    """A conjunction of three to six comparisons; in each fourth segment the last two are alternatives."""
    draw = {
        "country": lambda: [["country", "in", source.sample(COUNTRIES, source.choice([1, 1, 2, 4, 8]))]],
        "tier": lambda: [["tier", "in", source.sample(TIERS, source.choice([1, 2, 3]))]],
        "gender": lambda: [["gender", "in", [source.choice(GENDERS)]]],
        "consent": lambda: [["consent", "in", [source.choice(CONSENTS)]]],
        "spent": lambda: [["spent", ">", round(source.lognormvariate(5, 1), 2)]],
        "spent at most": lambda: [["spent", "<=", round(source.lognormvariate(6, 1) + 400, 2)]],
        "purchase": lambda: [["purchase", ">", source.randrange(*PURCHASES_MS, 1000)]],
        "birth": lambda: [["birth", "<=", source.randrange(-10_000, 13_000)]],
        "points": lambda: between("points", source.randrange(0, 80_000), source.randrange(2_000, 60_000)),
    }
    kinds = [
        ["country", "tier", "spent", "purchase"],
        ["country", "gender", "birth", "spent"],
        ["tier", "consent", "purchase"],
        ["country", "gender", "birth", "consent", "points"],
        ["tier", "spent", "points", "spent at most"],
    ]
    parts = [part for name in kinds[number % len(kinds)] for part in draw[name]()]
    if number % 4 == 3:
        parts[-2:] = [["any", parts[-2:]]]
    return ["all", parts]


def between(field, low, width):
    return [[field, ">", low], [field, "<=", low + width]]


def pql(tree):
    """As Outflow's rules are written."""
    if tree[0] in ("all", "any"):
        word = " and " if tree[0] == "all" else " or "
        return "(" + word.join(pql(part) for part in tree[1]) + ")"
    field, operator, value = tree
    path = FIELDS[field]
    if operator == "in":
        return f"{path} in [" + ", ".join(f'"{text}"' for text in value) + "]"
    if field == "purchase":
        time = datetime.datetime.fromtimestamp(value / 1000, datetime.UTC)
        return f'{path} {operator} timestamp("{time:%Y-%m-%dT%H:%M:%SZ}")'
    if field == "birth":
        return f'{path} {operator} date("{datetime.date(1970, 1, 1) + datetime.timedelta(days=value)}")'
    return f"{path} {operator} {value}"


def sql(tree):
    """Over columns with the short names, times as numbers."""
    if tree[0] in ("all", "any"):
        word = " AND " if tree[0] == "all" else " OR "
        return "(" + word.join(sql(part) for part in tree[1]) + ")"
    field, operator, value = tree
    if operator != "in":
        return f"{field} {operator} {value}"
    if len(value) == 1:
        return f"{field} = '{value[0]}'"
    return f"{field} IN (" + ", ".join(f"'{text}'" for text in value) + ")"


def words(trees):
    """The segments of each word: lists of (bit, tree)."""
    return [list(enumerate(trees[at : at + BITS_PER_WORD])) for at in range(0, len(trees), BITS_PER_WORD)]
