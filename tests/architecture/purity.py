"""What a core module may not hold: the rules behind test_purity.py.

`violations` reads source text, so that the test can show each rule firing on planted text too. Where a name
comes from another module, it is looked up there: a module that is not allowed is found behind one that is
(`json.codecs`), and a loader of files by whatever name it is imported.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from types import ModuleType

# A list of what is allowed, not of what is banned: a module nobody thought of is then caught too.
ALLOWED_MODULES = frozenset(
    """
    __future__ abc ast bisect collections contextlib dataclasses datetime decimal difflib enum fractions
    functools graphlib heapq itertools json math operator pprint re string textwrap types typing
    typing_extensions unicodedata
    annotated_types durable_core jinja2 markupsafe pydantic pydantic_core returns rpds yaml
    """.split()
)

# Parts of allowed packages that reach outside (files, imports, output, randomness), make code from text, or
# change settings that outlive a call.
BANNED_PARTS = frozenset(
    """
    contextlib.chdir contextlib.redirect_stderr contextlib.redirect_stdout
    decimal.getcontext decimal.localcontext decimal.setcontext
    jinja2.FileSystemBytecodeCache jinja2.bccache jinja2.filters.do_random jinja2.loaders
    jinja2.utils.generate_lorem_ipsum jinja2.utils.open_if_exists
    json.tool operator.methodcaller pprint.pp pprint.pprint
    pydantic.DirectoryPath pydantic.FilePath pydantic.ImportString pydantic.NewPath pydantic.SocketPath
    returns.future returns.io returns.unsafe
    types.FunctionType typing.get_type_hints
    yaml.CLoader yaml.CUnsafeLoader yaml.Loader yaml.UnsafeLoader yaml.unsafe_load yaml.unsafe_load_all
    """.split()
)

# Methods that write or read files, on whatever object.
BANNED_METHODS = frozenset(
    {"compile_templates", "dump", "read_bytes", "read_text", "unlink", "write_bytes", "write_text"}
)

# From any function or frame to everything that is loaded.
WAYS_OUT = frozenset(
    """
    __builtins__ __code__ __dict__ __globals__ __loader__ __spec__ __subclasses__
    _getframe cr_frame f_back f_builtins f_globals gi_frame tb_frame
    """.split()
)

# I/O, text that becomes code, and (hash, id) values that differ from process to process. A `__hash__` alone
# may call hash: its answer is not kept.
BANNED_BUILTINS = frozenset(
    {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "globals", "hash", "id"}
)

CLOCKS = frozenset({"now", "utcnow", "today", "astimezone"})

MUTABLE_MAKERS = frozenset(
    {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "ChainMap"}
)


def violations(source: str) -> list[str]:
    """Every rule that the source breaks, as `line: what`, in the order of the lines."""
    tree = ast.parse(source)
    found = {
        *_imports(tree),
        *_reached(tree),
        *_names(tree),
        *_ways_out(tree),
        *_clocks(tree),
        *_statements(tree),
        *_lasting_state(tree),
    }
    return [f"{line}: {what}" for line, what in sorted(found)]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each name that an import anywhere in the tree reaches, in full: `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{package}.{alias.name}") for alias in node.names)


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imported(tree):
        if name.split(".")[0] not in ALLOWED_MODULES or _is_banned(name):
            yield line, f"import of {name}"


def _is_banned(name: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in BANNED_PARTS)


def _reached(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What imports, and dotted names that begin at them, really lead to."""
    origins = _origins(tree)
    for line, name in imported(tree):
        if not _is_banned(name) and _leads_outside(_real_name(name)):
            yield line, f"reach of {_real_name(name)}"
    for node in ast.walk(tree):
        root, _, rest = ast.unparse(node).partition(".") if isinstance(node, ast.Attribute) else ("", "", "")
        name = f"{origins.get(root, root)}.{rest}"
        if root in origins and (_is_banned(name) or _leads_outside(_real_name(name))):
            yield node.lineno, f"reach of {_real_name(name) or name}"


def _leads_outside(real: str) -> bool:
    made_in, _, called = real.partition(".")
    if made_in == "builtins":
        return called in BANNED_BUILTINS
    # Modules in C have an underscore before the name of the module that they serve.
    return real != "" and (_is_banned(real) or made_in.lstrip("_") not in ALLOWED_MODULES)


def _origins(tree: ast.AST) -> dict[str, str]:
    """Each name that an import binds, with what it stands for."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name.split(".")[0]): alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _real_name(name: str) -> str:
    """Where the module, class or function called `name` was made, in full; "" for anything else."""
    first, *rest = name.split(".")
    if first not in ALLOWED_MODULES:
        return ""
    found: object = importlib.import_module(first)
    for part in rest:
        try:
            found = getattr(found, part)
        except AttributeError:
            return ""
    if isinstance(found, ModuleType):
        return found.__name__
    made_in, called = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
    return f"{made_in}.{called}" if isinstance(made_in, str) and isinstance(called, str) else ""


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    hashing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__"
        for inner in _read(node)
        if inner.id == "hash"
    }
    for node in _read(tree):
        if node.id in BANNED_BUILTINS and node not in hashing:
            yield node.lineno, f"use of {node.id}"


def _read(tree: ast.AST) -> Iterator[ast.Name]:
    """The names that the tree reads, not those that it binds: a field may be called `input`."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _ways_out(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)) if (
                name in WAYS_OUT
            ):
                yield node.lineno, f"way out {name}"
            case ast.Attribute(attr=name) if name in BANNED_METHODS:
                yield node.lineno, f"method {name}"


def _clocks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls of a clock's name on anything, and mentions of it on what comes from `datetime`."""
    bound = {name for name, origin in _origins(tree).items() if origin.split(".")[0] == "datetime"}
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in CLOCKS:
            continue
        if node in called or _root(node.value) in bound:
            yield node.lineno, f"clock {ast.unparse(node)}"


def _root(node: ast.expr) -> str:
    """The name at the left end of dots and calls; "" where there is none."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _statements(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)}"
        elif isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield node.lineno, "async code"


def _lasting_state(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Mutable values bound in a module or a class body: they outlive the call that changes them."""
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        if isinstance(statement, ast.Assign):
            names = [ast.unparse(target) for target in statement.targets]
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            names = [ast.unparse(statement.target)]
        else:
            continue
        if names != ["__all__"] and _is_mutable(statement.value):
            yield statement.lineno, f"mutable state {', '.join(names)}"


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in MUTABLE_MAKERS
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
