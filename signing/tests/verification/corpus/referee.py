"""Asks validate-pades about every file of a corpus, in one process.

  python referee.py VALIDATE_PADES FOLDER     reads FOLDER/expected.tsv, writes FOLDER/referee.tsv, row by row
"""
import argparse, asyncio, importlib.machinery, importlib.util, os, sys

tool, folder = sys.argv[1:3]
loader = importlib.machinery.SourceFileLoader("validate_pades", tool)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("validate_pades", loader))
sys.dont_write_bytecode = True
loader.exec_module(module)
rows = []
with open(os.path.join(folder, "expected.tsv")) as f:
    lines = [line.rstrip("\n").split("\t") for line in f]
for name, _, _, content, revocation, at in lines:
    path = os.path.join(folder, "files", name)
    args = argparse.Namespace(
        file=path, trust=[os.path.join(folder, "root.pem")], other=None, revinfo=None, revocation=revocation, expect=None,
        fse=False, at=at or None, json=True, content=os.path.join(folder, "files", content) if content else None, extract=None)
    with open(path, "rb") as f:
        raw = f.read()
    try:
        if raw[:1] != b"\x30" and raw[:1024].find(b"%PDF-") >= 0:
            result, ok = asyncio.run(module.check_pdf(args, raw))
        else:
            result, ok = module.check_p7m(args, raw)
        levels = ",".join(s.get("level", "") for s in result.get("signatures", []))
    except Exception as problem:
        ok, levels = False, type(problem).__name__
    rows.append("%d\t%s\n" % (0 if ok else 1, levels))
with open(os.path.join(folder, "referee.tsv"), "w") as f:
    f.writelines(rows)
