"""Knobs: parameters of our nodes, of the same shape as pedalboard's parameters of a VST3.

A node lists its specs once in `KNOBS`; attributes, `parameters`, `repr`, `to_dict` and copies follow.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

from svcfx.errors import ParamError, UnknownAttributeError, nearest
from svcfx.params import ChoiceSpec, ParamSpec

Spec = ParamSpec | ChoiceSpec
Value = float | str
_V = TypeVar("_V")
STEPS_ON_RAW_SCALE = 1000
LABELS = {"ratio": ""}


class ReadOnlyDict(dict[str, _V]):
    """Parameters by name; assignment says what to write instead, as pedalboard's does."""

    def __setitem__(self, name: str, value: object) -> None:
        raise TypeError(
            "The .parameters dictionary of a node is read-only. To change a parameter, set the attribute "
            f"of the node. (`my_node.{name} = {value!r}`)"
        )

    def __delitem__(self, name: str) -> None:
        raise TypeError("The .parameters dictionary of a node is read-only.")


class Parameter:
    """One knob of one node, live: it reads and writes the node. Fields are those of a VST3's parameter."""

    def __init__(self, node: "Knobbed", spec: Spec) -> None:
        self._node, self._spec = node, spec
        numeric = isinstance(spec, ParamSpec)
        self.python_name = spec.name
        self.name = spec.name.replace("_", " ").capitalize()
        self.type: type = float if numeric else str
        self.min_value = spec.low if isinstance(spec, ParamSpec) else None
        self.max_value = spec.high if isinstance(spec, ParamSpec) else None
        self.step_size: float | None = None
        self.range = (self.min_value, self.max_value, self.step_size)
        self.label = LABELS.get(spec.unit, spec.unit) if isinstance(spec, ParamSpec) else None
        self.help = spec.help
        self.is_automatable = isinstance(spec, ParamSpec) and spec.automatable
        self.default = spec.default

    @property
    def units(self) -> str | None:
        """The same as `label`."""
        return self.label

    @property
    def value(self) -> Value:
        """What the knob stands at."""
        return self._node.knob(self.python_name)

    @property
    def string_value(self) -> str:
        """The value as text, without its unit."""
        value = self.value
        return value if isinstance(value, str) else f"{value:g}"

    @property
    def valid_values(self) -> list[Value]:
        """Choices, or the range in a thousand steps."""
        if isinstance(self._spec, ChoiceSpec):
            return list(self._spec.choices)
        return [self._at(step / STEPS_ON_RAW_SCALE) for step in range(STEPS_ON_RAW_SCALE + 1)]

    @property
    def raw_value(self) -> float:
        """The value on a scale from 0 to 1."""
        return self.get_raw_value_for(self.value)

    @raw_value.setter
    def raw_value(self, raw: float) -> None:
        if not 0.0 <= float(raw) <= 1.0:
            raise ParamError(f"raw_value of {self.python_name} is {raw!r}, outside 0 to 1")
        setattr(self._node, self.python_name, self._at(float(raw)))

    def get_raw_value_for(self, new_value: Value) -> float:
        """Where `new_value` lies on a scale from 0 to 1; refused when it is out of range."""
        value = check(self._spec, new_value)
        if isinstance(self._spec, ChoiceSpec):
            return self._spec.choices.index(str(value)) / max(len(self._spec.choices) - 1, 1)
        return (float(value) - self._spec.low) / (self._spec.high - self._spec.low)

    def get_text_for_raw_value(self, raw: float) -> str:
        """The value at a place from 0 to 1 as text."""
        value = self._at(raw)
        return value if isinstance(value, str) else f"{value:g}"

    def _at(self, raw: float) -> Value:
        if isinstance(self._spec, ChoiceSpec):
            return self._spec.choices[round(raw * (len(self._spec.choices) - 1))]
        value = self._spec.low + raw * (self._spec.high - self._spec.low)
        return float(round(value)) if self._spec.whole else value

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        span = f"range=({self.min_value}, {self.max_value}, ?)" if self.type is float else "choice"
        return f'<svcfx.Parameter name="{self.name}" value={self.string_value} {span}>'


def check(spec: Spec, value: Any) -> Value:
    """`value` when the spec allows it; a text may carry the unit, as in "3 st".

    Raises:
        ParamError: Out of range, or a text that is no number with that unit.
        AudioTypeError: Of another type.
    """
    if isinstance(spec, ChoiceSpec):
        return spec.check(value)
    return spec.check(_number(spec, value) if isinstance(value, str) else value)


def _number(spec: ParamSpec, text: str) -> float:
    unit = LABELS.get(spec.unit, spec.unit)
    stripped = text.strip()
    if unit and stripped.lower().endswith(unit.lower()):
        stripped = stripped[: -len(unit)]
    try:
        return float(stripped)
    except ValueError:
        suffix = f", with the optional suffix '{unit}'" if unit else ""
        raise ParamError(f"{spec.name} is {text!r}, must be a number from {spec.span}{suffix}") from None


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class Knobbed:
    """Base of our nodes: attributes are exactly the knobs in `KNOBS`, checked when set."""

    KNOBS: ClassVar[tuple[Spec, ...]] = ()
    SWITCHES: ClassVar[tuple[str, ...]] = ()
    """Plain attributes that are set once by the constructor and take part in `to_dict`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", self._defaults())
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def spec(cls, name: str) -> Spec:
        """The spec of a knob; raises `UnknownAttributeError` naming the nearest."""
        for spec in cls.KNOBS:
            if spec.name == name:
                return spec
        known = [spec.name for spec in cls.KNOBS]
        raise UnknownAttributeError(
            f"'{cls.__name__}' has no parameter '{name}'{nearest(name, known)}",
            hint=f"parameters are {', '.join(known)}",
        )

    def _defaults(self) -> dict[str, Value]:
        """What the knobs stand at until somebody moves them."""
        return {spec.name: spec.default for spec in self.KNOBS}

    def knob(self, name: str) -> Value:
        """A knob's value."""
        values: dict[str, Value] = object.__getattribute__(self, "_values")
        return values[name]

    @property
    def parameters(self) -> ReadOnlyDict[Parameter]:
        """Knobs by name, as objects of the same shape as a VST3's parameters; read-only."""
        return ReadOnlyDict({spec.name: Parameter(self, spec) for spec in self.KNOBS})

    def knobs(self) -> Iterator[tuple[str, Value]]:
        """Names and values, in the order of `KNOBS`."""
        return ((spec.name, self.knob(spec.name)) for spec in self.KNOBS)

    def to_dict(self) -> dict[str, object]:
        """Class and knobs as plain values; `from_dict` makes an equal node of it."""
        switches = {name: getattr(self, name) for name in self.SWITCHES}
        return {"node": type(self).__name__, **switches, **dict(self.knobs())}

    def facts(self) -> dict[str, object]:
        """All that its sound depends on beside audio and curves, as plain values: what a render key holds."""
        return self.to_dict()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The node that `to_dict` described; raises `ParamError` when it is another class's."""
        values = dict(document)
        name = values.pop("node", cls.__name__)
        if name != cls.__name__:
            raise ParamError(f"node is '{name}', must be '{cls.__name__}'")
        return cls(**values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self.spec(name)
        return self.knob(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        if isinstance(getattr(type(self), name, None), property):
            object.__setattr__(self, name, value)
            return
        values: dict[str, Value] = object.__getattribute__(self, "_values")
        values[name] = check(self.spec(name), value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(spec.name for spec in self.KNOBS)})

    def _as_set(self) -> dict[str, object]:
        """What a copy is made from."""
        return self.to_dict()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_dict, (self._as_set(),)

    def __copy__(self) -> Self:
        return type(self).from_dict(self._as_set())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self).from_dict(self._as_set())

    def resting(self, name: str) -> Value | None:
        """What a knob or switch stands at until somebody moves it; None where nothing is said."""
        return self._defaults().get(name)

    def _said(self) -> Iterator[tuple[str, object]]:
        """Names and values of what `to_dict` holds, without the class."""
        return ((name, value) for name, value in self.to_dict().items() if name != "node")

    def _repr_html_(self) -> str:
        """What a notebook shows: knobs that were moved, and the others when they are asked for."""
        from svcfx import markup  # here: a render shows none

        units = {spec.name: spec.unit for spec in self.KNOBS if isinstance(spec, ParamSpec)}
        rows: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        for name, value in self._said():
            unit = LABELS.get(units.get(name, ""), units.get(name, ""))
            rows[value != self.resting(name)].append((name, f"{_text(value)} {unit}".strip()))
        return markup.box(
            type(self).__name__,
            markup.table(rows[True]),
            markup.folded("as it rests", markup.table(rows[False])),
        )

    def __repr__(self) -> str:
        fields = " ".join(f"{name}={_text(value)}" for name, value in self._said())
        return f"<svcfx.{type(self).__name__} {fields} at {id(self):#x}>"
