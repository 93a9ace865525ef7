"""Recursive descent from text to a tree.

::

    any   := all ("or" all)*
    all   := one ("and" one)*
    one   := "not" one | "(" any ")" | test
    test  := column | operand sign operand | column ["not"] "in" "(" value ("," value)* ")"
           | value ["not"] "in" column | column "is" ["not"] "missing"
    sign  := == | = | != | <> | < | <= | > | >= | "contains"
    column := name | s1.gq | sample["NAME"].gq
"""

from __future__ import annotations

from web.variants.expression.tokens import BadExpression, Sort, Token, tokens
from web.variants.expression.tree import (
    And,
    Comparison,
    Constant,
    Has,
    IsMissing,
    IsTrue,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    Within,
)

MAX_DEPTH = 40
MAX_VALUES = 1_000
_SIGNS = {"==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CLOSING = {"(": ")", "[": "]"}
_RESERVED = {"and", "or", "not", "in", "is", "missing", "contains"}


def parsed(text: str) -> Tree:
    """The tree of an expression. Raises BadExpression."""
    parser = _Parser(tokens(text))
    tree = parser.any(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def any(self, depth: int) -> Tree:
        parts = [self._all(depth)]
        while self._takes_word("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def expect_end(self) -> None:
        if self._next.sort is not Sort.END:
            raise self._unexpected("and, or, or the end of the expression")

    def _all(self, depth: int) -> Tree:
        parts = [self._one(depth)]
        while self._takes_word("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            message = f"the expression is too deep: at most {MAX_DEPTH} levels"
            raise BadExpression(message, self._next.position)
        if self._takes_word("not"):
            return Not(self._one(depth + 1))
        if self._takes_sign("("):
            tree = self.any(depth + 1)
            self._expect_sign(")")
            return tree
        return self._test()

    def _test(self) -> Tree:
        left = self._operand()
        token = self._next
        if self._takes_word("not"):
            self._expect_word("in")
            return Not(self._membership(left, token))
        if self._takes_word("in"):
            return self._membership(left, token)
        if self._takes_word("is"):
            is_negated = self._takes_word("not")
            self._expect_word("missing")
            test = IsMissing(self._as_name(left))
            return Not(test) if is_negated else test
        if self._takes_word("contains"):
            return Comparison(left, "contains", self._operand(), token.position)
        if token.sort is Sort.SIGN and token.text in _SIGNS:
            self._at += 1
            return Comparison(left, _SIGNS[token.text], self._operand(), token.position)
        if isinstance(left, Name):
            return IsTrue(left)
        raise self._unexpected("a comparison such as == or <, or in")

    def _membership(self, left: Operand, token: Token) -> Tree:
        if isinstance(left, Constant):
            return Has(self._as_name(self._operand()), left, token.position)
        return Within(left, self._values(), token.position)

    def _values(self) -> tuple[Constant, ...]:
        opening = self._next
        if opening.sort is not Sort.SIGN or opening.text not in _CLOSING:
            raise self._unexpected('a list such as ("HIGH", "MODERATE")')
        self._at += 1
        values = [self._constant()]
        while self._takes_sign(","):
            values.append(self._constant())
            if len(values) > MAX_VALUES:
                raise BadExpression(f"at most {MAX_VALUES:,} values", self._next.position)
        self._expect_sign(_CLOSING[opening.text])
        return tuple(values)

    def _constant(self) -> Constant:
        operand = self._operand()
        if isinstance(operand, Name):
            raise BadExpression("a value must be a number or a quoted text", operand.position)
        return operand

    def _as_name(self, operand: Operand) -> Name:
        if isinstance(operand, Constant):
            raise BadExpression("here must be the name of a column", operand.position)
        return operand

    def _operand(self) -> Operand:
        token = self._next
        word = token.text.lower()
        if token.sort is Sort.NUMBER:
            self._at += 1
            return Constant(_number(token), token.position)
        if token.sort is Sort.TEXT:
            self._at += 1
            return Constant(token.text, token.position)
        if token.sort is not Sort.WORD or word in _RESERVED:
            raise self._unexpected("the name of a column, a number, or a quoted text")
        self._at += 1
        if word in {"true", "false"}:
            return Constant(word == "true", token.position)
        return self._name(token)

    def _name(self, token: Token) -> Name:
        sample = None
        if token.text.lower() == "sample" and self._takes_sign("["):
            sample = self._expect(Sort.TEXT, "the quoted name of a sample").text
            self._expect_sign("]")
            self._expect_sign(".")
            field = self._expect(Sort.WORD, "a field such as gt or gq")
            return Name(field.text, token.position, sample)
        if self._takes_sign("."):
            field = self._expect(Sort.WORD, "a field such as gt or gq")
            return Name(f"{token.text}_{field.text}", token.position)
        return Name(token.text, token.position)

    def _takes_word(self, word: str) -> bool:
        token = self._next
        is_it = token.sort is Sort.WORD and token.text.lower() == word
        self._at += is_it
        return is_it

    def _takes_sign(self, sign: str) -> bool:
        token = self._next
        is_it = token.sort is Sort.SIGN and token.text == sign
        self._at += is_it
        return is_it

    def _expect_word(self, word: str) -> None:
        if not self._takes_word(word):
            raise self._unexpected(repr(word))

    def _expect_sign(self, sign: str) -> None:
        if not self._takes_sign(sign):
            raise self._unexpected(repr(sign))

    def _expect(self, sort: Sort, wanted: str) -> Token:
        token = self._next
        if token.sort is not sort:
            raise self._unexpected(wanted)
        self._at += 1
        return token

    def _unexpected(self, wanted: str) -> BadExpression:
        return BadExpression(f"expected {wanted}, found {self._next}", self._next.position)


def _number(token: Token) -> int | float:
    if len(token.text) > 40:
        raise BadExpression("the number has too many digits", token.position)
    try:
        whole = int(token.text)
    except ValueError:
        return float(token.text)
    if abs(whole) >= 1 << 62:
        return float(whole)
    return whole
