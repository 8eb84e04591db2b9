"""Runs the programs of this folder and writes what they printed to ../printed.json.

Each program runs twice: as ``a``, and as ``b`` with other data, from another folder and
with lines put before it, which is what a deploy does to a stack. Needs node with
esbuild and terser in NODE_PATH, Chromium, PHP, Ruby, Go, a JDK, pyenv's Pythons.
"""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from html import unescape
from pathlib import Path

HERE = Path(__file__).parent
NODE = os.environ["NODE_PATH"]
ROUNDS = {"a": ("srv/alpha", 1, 0), "b": ("home/beta/releases/20240501120000", 2, 4)}
COMMENT = {".py": "#", ".rb": "#", ".js": "//", ".go": "//", ".java": "//"}


def run(*command, cwd=None, both=False):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    return done.stderr if both else done.stdout


def copy(name, folder, lines):
    folder.mkdir(parents=True, exist_ok=True)
    text = (HERE / name).read_text()
    if name.endswith(".php"):
        text = text.replace("<?php\n", "<?php\n" + "// moved\n" * lines, 1)
    else:
        text = f"{COMMENT[Path(name).suffix]} moved\n" * lines + text
    (folder / name).write_text(text)
    return str(folder / name)


def scripts(folder, seed, lines):
    """Yield (name, reports) of Python, PHP and Ruby."""
    path = copy("faults.py", folder, lines)
    for version in ("3.9", "3.11", "3.12", "3.13"):
        python = next(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        yield f"python{version}", json.loads(run(str(python), path, str(seed)))
    yield "php", json.loads(run("php", copy("faults.php", folder, lines), str(seed)))
    yield "ruby", json.loads(run("ruby", copy("faults.rb", folder, lines), str(seed)))


def compiled(folder, seed, lines):
    """Yield (name, reports) of Go and Java, whose programs die of each fault."""
    path = copy("faults.go", folder, lines)
    run("go", "build", "-o", str(folder / "faults"), path)
    found = {}
    for name in ("start", "measure", "drain", "refill", "convert"):
        stack = run(str(folder / "faults"), name, str(seed), both=True)
        message = re.match(r"panic: (.*)", stack)[1]
        found[name] = {"type": "panic", "message": message, "stack": stack}
    yield "go", found
    copy("Faults.java", folder, lines)
    run("javac", "-d", str(folder), str(folder / "Faults.java"))
    found = {}
    for (
        name
    ) in "measure couple index parse cast wrap wrapOther anonymous sink proxy".split():
        stack = run("java", "-cp", str(folder), "Faults", name, str(seed), both=True)
        head = re.match(r'Exception in thread "main" ([\w.]+)(?:: (.*))?', stack)
        stack = "\n".join(stack.split("\n")[:120])
        found[name] = {"type": head[1], "message": head[2] or "", "stack": stack}
    yield "java", found


def browser_builds(folder, seed, lines):
    """Yield (name, reports) of the shop in node and Chromium, plain and minified."""
    copy("shop.js", folder, lines)
    shutil.copytree(HERE / "node_modules", folder / "node_modules", dirs_exist_ok=True)
    (folder / "package.json").write_text('{"type":"module"}')
    extra = "export const filler = (x) => [x, x * 2].map((y) => y + 1);\n" * (lines > 0)
    (folder / "entry.js").write_text(
        f"import './seed.js';\n{extra}import {{ report }} from './shop.js';\n"
        "const done = report();\n"
        "const page = globalThis.document;\n"
        "done.then(JSON.stringify).then((text) => {\n"
        "  if (page) page.body.textContent = text; else console.log(text);\n});\n"
    )
    (folder / "seed.js").write_text(f"globalThis.SEED = {seed};\n")
    yield "node", json.loads(run("node", "entry.js", cwd=folder))
    esbuild, terser = f"{NODE}/.bin/esbuild", f"{NODE}/.bin/terser"
    site = folder / "site"
    (site / "assets").mkdir(parents=True, exist_ok=True)
    names = ["--entry-names=[name]-[hash]", "--bundle", "--format=iife"]
    run(esbuild, "entry.js", *names, "--outdir=site/assets", "--minify", cwd=folder)
    small = next((site / "assets").glob("entry-*.js"))
    run(
        esbuild,
        "entry.js",
        "--bundle",
        "--format=iife",
        "--outfile=whole.js",
        cwd=folder,
    )
    hashed = "3f9a1c07be" if lines else "8d21b64c5e"
    run(
        terser,
        "whole.js",
        "-c",
        "-m",
        "-o",
        f"site/assets/main.{hashed}.js",
        cwd=folder,
    )
    shutil.copy(folder / "whole.js", site / "assets" / "whole.js")
    yield "node-esbuild", json.loads(run("node", str(small)))
    for name, script in (
        ("chromium", "whole.js"),
        ("chromium-esbuild", small.name),
        ("chromium-terser", f"main.{hashed}.js"),
    ):
        yield name, in_chromium(site, script)


def in_chromium(site, script):
    (site / "index.html").write_text(f"<body><script src=/assets/{script}></script>")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = run(
        *("chromium", "--headless", "--no-sandbox", "--virtual-time-budget=3000"),
        *("--dump-dom", f"http://127.0.0.1:{server.server_port}/"),
    )
    server.shutdown()
    return json.loads(unescape(re.search(r"<body>(\{.*\})</body>", page, re.S)[1]))


def main():
    printed = {}
    with tempfile.TemporaryDirectory() as root:
        for mark, (place, seed, lines) in ROUNDS.items():
            folder = Path(root) / place
            for kind in (scripts, compiled, browser_builds):
                for program, found in kind(folder, seed, lines):
                    for name, report in found.items():
                        report["stack"] = report["stack"].replace(root, "")[:9000]
                        report["message"] = report["message"].replace(root, "")
                        if "file" in report:
                            report["file"] = report["file"].replace(root, "")
                        printed[f"{program} {name} {mark}"] = report
    text = json.dumps(printed, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE.parent / "printed.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
