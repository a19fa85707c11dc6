"""Jinja, without what its code does at every call and every output although no template of this site needs it.

What a page costs is mostly how often a template calls something: each message, sign and field is a call.
"""

import re
from functools import partial
from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.runtime import Macro, missing
from markupsafe import Markup, escape

OWN = frozenset(dir(dict))
"""What a dictionary has of itself: in a template that goes before its keys."""
HARMFUL = re.compile("[&<>'\"]").search
safe: Any = partial(str.__new__, Markup)
"""Marks a text as it stands: what Markup asks of it first takes five times as long."""


def shown(value: Any) -> str:
    """A value as a page shows it. Only parts of a page come here, which are joined: no need to mark them as safe."""
    kind = type(value)
    return value if kind is Markup or (kind is str and not HARMFUL(value)) else escape(value)


class Sign(Macro):
    """A macro that takes what it names and nothing else, in a page whose values are escaped."""

    def __call__(self, *args: Any, **named: Any) -> str:
        if named or len(args) > self._argument_count:
            return super().__call__(*args, **named)
        left_out = (missing,) * (self._argument_count - len(args))
        return safe(self._func(*args, *left_out))


class Straight(CodeGenerator):
    """Calls at once what is called: nothing that a template names asks to be handed the context."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            return super().visit_Call(node, frame, forward_caller=forward_caller)
        self.visit(node.node, frame)
        self.write("(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        return self.write(")")

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        more = macro_ref.accesses_kwargs or macro_ref.accesses_varargs or macro_ref.accesses_caller
        if not more and frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.")  # Sign instead of jinja2.runtime's
        super().macro_def(macro_ref, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")


class Templates(Environment):
    """Every template has the site's names and no more: handed on as they are, since what Jinja lays over them is
    copied name by name for each page."""

    code_generator_class = Straight
    shown = staticmethod(shown)
    Macro = Sign

    def make_globals(self, d: Any) -> Any:
        return {**self.globals, **d} if d else self.globals

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Presenters hand on dictionaries: their keys are looked for first, which finds the same and fails less."""
        if type(obj) is dict and attribute in obj and attribute not in OWN:
            return obj[attribute]
        return super().getattr(obj, attribute)
