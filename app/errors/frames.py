"""Which frames of a stack identify a fault, and what to compare of them."""

from __future__ import annotations

from app.errors.files import is_library, short_name
from app.errors.patterns import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.errors.lines import Frame

MAX_NAME = 120
# V8 prints ten frames with those of libraries, Firefox 128, Safari those that are left
# after tail calls: what is further down is not in each report of a fault.
MAX_FRAMES = 5
FAR_RIGHT = 300

_LIBRARY_CLASSES = tuple(
    """
    java. javax. jakarta. sun. jdk. com.sun. kotlin. kotlinx. scala. groovy. clojure.
    org.springframework. org.apache. org.hibernate. org.junit. org.jboss. org.eclipse.
    org.gradle. org.slf4j. org.postgresql. org.mybatis. org.codehaus. org.mockito.
    org.h2. org.hsqldb. org.json. org.yaml. org.aspectj. org.glassfish. org.testng.
    io.netty. io.grpc. io.micrometer. io.quarkus. io.vertx. io.undertow. io.lettuce.
    io.reactivex. reactor. akka. rx. okhttp3. okio. retrofit2. feign. android. androidx.
    dalvik. com.android. com.fasterxml. com.google.common. com.google.gson.
    com.google.inject. com.mysql. com.zaxxer. com.ibm. com.intellij. com.netflix.
    com.amazonaws. software.amazon. ch.qos. net.bytebuddy. net.sf. weblogic. oracle.
    redis.clients. System. Microsoft. MS. Newtonsoft. Npgsql. MySql. Dapper. NUnit.
    Xunit. Serilog. Autofac. MediatR. Castle. Quartz. Hangfire. Polly. AutoMapper.
    FluentValidation. Grpc. StackExchange. MassTransit. NHibernate. Swashbuckle.
    runtime. runtime/ net/http. reflect. testing. sync. encoding/ database/sql. syscall.
    internal/ std:: core:: alloc:: tokio:: rust_begin_unwind __rust
    """.split()
)
# Helpers that compilers and bundlers put between the functions of a program.
_HELPERS = frozenset(
    """
    __webpack_require__ __webpack_exec__ __awaiter __generator fulfilled rejected step
    asyncGeneratorStep _asyncToGenerator _next _throw tryCatch invoke
    __require __commonJS __esm __init __toESM regeneratorRuntime
    <instance_members_initializer> <static_initializer>
    """.split()
)
# Python 3.12 has no frame for these any more, and Go's panic is the runtime's.
_INLINED = frozenset(["<listcomp>", "<dictcomp>", "<setcomp>", "panic"])
_NAMELESS = frozenset(
    [
        *("anonymous", "(anonymous)", "(anonymous function)", "Anonymous function"),
        *("global code", "module code", "eval code", "Global code", "Module code"),
        *("<top (required)>", "<unknown>", "<main>", "<module>", "<lambda>", "<eval>"),
        *("<genexpr>", "<global>", "{main}", "{closure}", "{{closure}}", "global"),
        *("default", "exports", "unknown", "callee", "eval", "?", "<anonymous>"),
    ]
)
_CORE_RUBY = tuple(
    "Array Hash Integer Kernel Enumerable Range String Struct Proc Method Enumerator"
    " Thread Module Class BasicObject Object IO File Dir Float Symbol".split()
)
_CORE_RUBY_METHODS = frozenset(
    """
    each map times loop select inject each_with_index each_with_object reduce collect
    each_pair flat_map upto tap instance_eval instance_exec class_eval public_send send
    require require_relative load raise fetch Integer Float open new catch yield
    """.split()
)
_WRAPPERS = "fetch request api http ajax axios send query invoke call rpc get".split()
_PREFIXES = (
    "async ",
    "new ",
    "bound ",
    "get ",
    "set ",
    "static ",
    "function ",
    "async*",
)
_BLOCK = Lazy(r"(?:block|rescue|ensure)(?: \(\d+ levels\))? in ")
_NUMBERED = Lazy(r"\$\d+(?=$|[$.])|[._]\d{3,}|(?<=__)\d+|#\d+")
_GO_CLOSURE = Lazy(r"(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|\.\d+)+$")
_GENERATED = Lazy(
    r"\$\$Lambda|\$Proxy\d|CGLIB|GeneratedMethodAccessor|GeneratedConstructorAccessor"
    r"|\$\$FastClass|ByteBuddy|\$HibernateProxy|lambda_method|DynamicClass|\$jacocoInit"
)
_NET_INNER = Lazy(r"<(\w+)>[bdg]__\w*(?:\|[\d_]+)?")
_LONG_HASH = Lazy(r"_{0,3}[0-9a-f]{32,64}(?=$|\W)")
_RUST_HASH = Lazy(r"::h[0-9a-f]{16}$")
_OBFUSCATED = Lazy(r"_0x[0-9a-f]+$|[A-Za-z$_]{1,2}[\d$]{1,3}$")


class Place:
    """A frame as it is compared: its function and file, and how it was sent."""

    __slots__ = ("file", "frame", "function")

    def __init__(self, function: str, file: str, frame: Frame) -> None:
        self.function = function
        self.file = file
        self.frame = frame

    def text(self) -> str:
        """Return the place as a person reads it."""
        if self.function and self.file:
            return f"{self.function} ({self.file})"
        return self.function or self.file


def own_places(frames: Iterable[Frame]) -> list[Place]:
    """Return the places of the program's own frames, innermost first, each once.

    If all frames are of libraries, these are taken. A frame without a usable name
    counts only where none has one, or where it is the only one of its file.
    """
    readable = [frame for frame in _until_set_up(frames) if not _is_native(frame)]
    if all(frame.file.startswith("node:") for frame in readable):
        # The runtime alone, and how deep it goes in itself is its version's affair.
        readable = readable[:1]
    own = [frame for frame in readable if not _is_foreign(frame)]
    places = []
    seen = set()
    for frame in own or readable:
        function = function_name(frame)
        # A class or a package is enough, and not all builds of .NET print the file.
        has_class = function and frame.style in ("java", "net", "go")
        file = short_name(frame.file) if frame.file and not has_class else ""
        place = Place(function, file, frame)
        if (place.function, file) not in seen:
            seen.add((place.function, file))
            places.append(place)
    named = {place.file for place in places if place.function}
    kept = [place for place in places if place.function or place.file not in named]
    return kept[:MAX_FRAMES]


def function_name(frame: Frame) -> str:
    """Return a function's name as all engines and builds have it, '' if none."""
    name = frame.function[:MAX_NAME].strip()
    clean = _CLEANERS.get(frame.style)
    name = clean(name) if clean else name
    # Only a minifier puts code that far to the right, and in large programs its names
    # have three letters.
    if len(name) == 3 and frame.column > FAR_RIGHT:
        return ""
    if name in _NAMELESS or name.startswith(("<anonymous", "{closure:")):
        return ""
    return _LONG_HASH.sub("", name)


def is_wrapper(function: str) -> bool:
    """Tell whether a function does one thing for all of a program, such as requests."""
    lowered = function.lower()
    return any(word in lowered for word in _WRAPPERS)


def _until_set_up(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames above the mark of the stack that set a callback up."""
    above = []
    for frame in frames:
        if frame.function == "*":
            break
        above.append(frame)
    return above


def _is_native(frame: Frame) -> bool:
    """Tell whether a frame has no place in any file: a part of the engine."""
    file = frame.file
    if frame.style == "js":
        is_engine = file in (
            "<anonymous>",
            "native",
            "[native code]",
            "unknown location",
        )
        is_tag = not file and not frame.function[:1].isupper()
        return is_engine or is_tag or file.startswith(("index ", "unknown"))
    return file in ("<generated>", "[internal function]") or bool(
        _GENERATED.search(frame.function)
    )


def _is_foreign(frame: Frame) -> bool:
    """Tell whether a frame is of a library, a runtime, or made by a compiler."""
    if is_library(frame.file):
        return True
    name = frame.function
    if frame.style == "js":
        return name.rpartition(".")[2] in _HELPERS
    if frame.style == "java":
        name = name.rpartition("/")[2]
    if frame.style == "ruby":
        bare = name.rpartition("#")[2]
        is_core = "#" in name and name.startswith(_CORE_RUBY)
        return is_core or (bare == name and name in _CORE_RUBY_METHODS)
    if frame.style in ("java", "net", "go", "other"):
        return name.startswith(_LIBRARY_CLASSES) or name in _INLINED
    return name in _INLINED


def _clean_js(name: str) -> str:
    """Return the last part of a name: V8 alone prints the class before a method."""
    name, _, alias = name.rstrip("]").partition(" [as ")
    # The key a function was found under is not renamed where the function is.
    return _usable_js(name) or _usable_js(alias)


def _usable_js(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            name = name[len(prefix) :]
    name = name.partition("(")[0].partition("wasm-function[")[0]
    # Firefox: "save/<" is a function without a name inside save.
    if name.endswith(("/<", "</")) or name == "<":
        return ""
    name = name.rstrip("<").rpartition("/")[2].rpartition(".")[2]
    name = _NUMBERED.sub("", name).lstrip("#").rstrip("[]")
    if name.isdigit():
        # webpack calls modules by numbers.
        return ""
    if len(name) < 3 or _OBFUSCATED.match(name) or name.startswith("_callee"):
        return ""
    return "" if name in ("js", "jsx", "tsx", "mjs", "vue") else name


def _clean_java(name: str) -> str:
    name = name.rpartition("/")[2]
    kept, _, method = name.rpartition(".")
    if method.startswith("lambda$"):
        method = method[7:].partition("$")[0]
    return _NUMBERED.sub("", f"{kept.rpartition('.')[2]}.{method}")


def _clean_net(name: str) -> str:
    name = _NET_INNER.sub(r"\1", name).replace(".MoveNext", "")
    parts = name.replace("+", ".").split(".")
    parts = [part for part in parts if not part.startswith("<>c")]
    return ".".join(parts[-2:]).partition("`")[0].partition("[")[0]


def _clean_php(name: str) -> str:
    name = name.replace("->", "::").replace("@anonymous", "@")
    if "{closure" in name:
        return ""
    owner, mark, method = name.rpartition("::")
    owner = owner.partition("\0")[0].partition("@")[0].rpartition("\\")[2]
    return f"{owner}{mark}{method.rpartition(chr(92))[2]}" if mark else method


def _clean_ruby(name: str) -> str:
    name = _BLOCK.sub("", name).rpartition("#")[2].rpartition(".")[2]
    return "" if name.startswith("<") else _NUMBERED.sub("", name)


def _clean_go(name: str) -> str:
    name = name.removeprefix("created by ").partition(" in goroutine ")[0]
    name = _GO_CLOSURE.sub("", name.rpartition("/")[2].partition("[")[0])
    return name.replace("(*", "").replace(")", "")


def _clean_python(name: str) -> str:
    return name.replace("<locals>.", "").rpartition(".")[2]


def _clean_other(name: str) -> str:
    name = (
        _RUST_HASH.sub("", name)
        .replace("::{{closure}}", "")
        .replace(".<anonymous closure>", "")
    )
    return name.rpartition("/")[0] if name.rpartition("/")[2].isdigit() else name


_CLEANERS = {
    "go": _clean_go,
    "java": _clean_java,
    "js": _clean_js,
    "net": _clean_net,
    "other": _clean_other,
    "php": _clean_php,
    "python": _clean_python,
    "ruby": _clean_ruby,
}
