#!/usr/bin/env python3
"""Check an exported case file of Xinjie without the system: python3 verify.py CASE.json [--witness WITNESS.json]

Needs nothing but Python 3.9 or newer (SM3 chains: an OpenSSL that has SM3). Reads the file that `xinjie audit export`
wrote and recomputes every hash from the text of the entries, as docs/audit.md describes. With a witness file (the
daily seal that the authority above keeps) it also finds a history that was cut short or replaced as a whole.
Prints one line per finding. Exit status: 0 nothing wrong, 1 something is, 2 the file cannot be read.
"""

import argparse
import hashlib
import json
import sys

CHAINED = (
    "case_id", "seq", "version", "at", "move", "from_state", "from_step", "to_state", "to_step", "turn", "actor",
    "person_id", "appointment_id", "authority_id", "details", "commitment", "algorithm",
)  # fmt: skip


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(algorithm, text):
    return hashlib.new(algorithm, text.encode("utf-8")).hexdigest()


def check_entries(entries):
    """Each finding as (seq, words): gaps, order, broken links, changed text, jumps of state, changed opinions."""
    prev, state = "", ("new", "")
    for place, entry in enumerate(entries, 1):
        seq = entry["seq"]
        if seq != place:
            yield seq, f"entry {place} is missing, doubled or out of order"
        if entry["prev_hash"] != prev:
            yield seq, "does not follow the entry before it"
        body = canonical({name: entry[name] for name in CHAINED})
        if digest(entry["algorithm"], f"{entry['prev_hash']}\n{body}") != entry["hash"]:
            yield seq, "was changed after it was written"
        if (entry["from_state"], entry["from_step"]) != state:
            yield seq, "does not begin where the entry before it ended"
        remark = entry.get("remark")
        if remark and digest(entry["algorithm"], remark["salt"] + remark["text"]) != entry["commitment"]:
            yield seq, "its opinion was changed"
        prev, state = entry["hash"], (entry["to_state"], entry["to_step"])


def check_materials(materials):
    for one in materials:
        body = canonical({"kind": one["kind"], "content": one["content"], "files": one["files"]})
        if digest("sha256", body) != one["hash"]:
            yield one["version"], f"the {one['kind']} handed in was changed"


def check_documents(documents, entries):
    noted = {value for entry in entries for value in entry["details"].values() if isinstance(value, str)}
    for one in documents:
        text = "\n".join([one["number"], one["title"], one["body"], one["issued_on"], str(one["signed_by_id"])])
        if digest("sha256", text) != one["hash"]:
            yield one["number"], "the document was changed"
        elif one["hash"] not in noted:
            yield one["number"], "no entry of the history notes this document"


def check_witness(case, entries, witness):
    """The witness knew the head at one instant: the same entry must still stand there."""
    head = next((one for one in witness["heads"] if one["case"] == case["number"]), None)
    if head is None:
        return
    if len(entries) < head["seq"]:
        yield head["seq"], f"the history was cut: the witness of {witness['day']} saw {head['seq']} entries"
    elif entries[head["seq"] - 1]["hash"] != head["hash"]:
        yield head["seq"], f"the history was replaced: the witness of {witness['day']} saw another entry"


def findings(export, witness=None):
    yield from check_entries(export["entries"])
    yield from check_materials(export["materials"])
    yield from check_documents(export["documents"], export["entries"])
    if witness:
        yield from check_witness(export["case"], export["entries"], witness)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--witness")
    given = parser.parse_args(arguments)
    try:
        with open(given.file, encoding="utf-8") as file:
            export = json.load(file)
        witness = None
        if given.witness:
            with open(given.witness, encoding="utf-8") as file:
                witness = json.load(file)
        found = [f"{export['case']['number']} #{place}: {words}" for place, words in findings(export, witness)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot read: {error!r}", file=sys.stderr)
        return 2
    print("\n".join(found) or f"{export['case']['number']}: {len(export['entries'])} entries, nothing wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
