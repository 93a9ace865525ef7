"""All rules, by their ids. A check says nothing of a rule that is not in this table."""

from annotator.rules.header import HEADER_RULES
from annotator.rules.records import RECORD_RULES
from annotator.rules.rule import Rule
from annotator.rules.values import VALUE_RULES

SECTIONS: dict[str, tuple[Rule, ...]] = {
    "The header": HEADER_RULES,
    "The fixed columns": RECORD_RULES,
    "INFO, FORMAT and samples": VALUE_RULES,
}
RULES: dict[str, Rule] = {rule.id: rule for rules in SECTIONS.values() for rule in rules}
