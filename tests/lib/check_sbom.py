"""Compare bills of materials with the tree that they are of.

usage: python3 tests/lib/check_sbom.py FOLDER ROOT

FOLDER has NAME.spdx, NAME.cyclonedx and both with --files, for NAME of commit, image, plain and folder; ROOT is the tree.
"""
import hashlib
import json
import os
import pathlib
import re
import sys

NAMES = ("commit", "image", "plain", "folder")


def status_packages(root):
    """name -> version of the dpkg database, found anywhere in the tree."""
    (status,) = [p for p in root.rglob("status") if p.is_file() and "dpkg" in p.parts]
    packages = {}
    for paragraph in re.split(r"\n\s*\n", status.read_text(encoding="utf-8")):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields:
            packages[fields["Package"]] = fields
    return packages


def tree_files(root):
    """path -> SHA-256 of the regular files."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = pathlib.Path(folder) / name
            if path.is_file() and not path.is_symlink():
                found["/" + str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def load(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def spdx_packages(document):
    return {p["name"]: p for p in document["packages"] if p["SPDXID"].startswith("SPDXRef-Package-")}


def cyclonedx_files(document):
    for component in document["components"]:
        for inner in [component, *component.get("components", [])]:
            if inner["type"] == "file":
                yield component["name"] if inner is not component else None, inner


def check_packages(folder, expected):
    for name in NAMES:
        for files in ("", "--files"):
            spdx, cyclonedx = load(folder, f"{name}{files}.spdx"), load(folder, f"{name}{files}.cyclonedx")
            packages = spdx_packages(spdx)
            libraries = {c["name"]: c for c in cyclonedx["components"] if c["type"] == "library"}
            assert set(packages) == set(libraries) == set(expected), set(packages) ^ set(expected)
            for package, fields in expected.items():
                assert packages[package].get("versionInfo") == libraries[package].get("version") == fields.get("Version")
                purl = libraries[package].get("purl")
                assert (purl is None) == ("Version" not in fields)
                assert purl is None or purl.startswith(f"pkg:deb/"), purl
            sources = {r["relatedSpdxElement"] for r in spdx["relationships"] if r["relationshipType"] == "GENERATED_FROM"}
            known = {p["SPDXID"] for p in spdx["packages"] if p.get("primaryPackagePurpose") == "SOURCE"}
            assert sources == known and known
            ids = [e["SPDXID"] for e in spdx["packages"] + spdx.get("files", [])]
            assert len(ids) == len(set(ids))
            assert all(r["relatedSpdxElement"] in ids for r in spdx["relationships"])


def check_files(folder, files):
    for name in NAMES:
        spdx, cyclonedx = load(folder, f"{name}--files.spdx"), load(folder, f"{name}--files.cyclonedx")
        found = {f["fileName"][1:]: f for f in spdx["files"]}
        sums = {path: c["checksumValue"] for path, f in found.items() for c in f["checksums"] if c["algorithm"] == "SHA256"}
        others = {c["name"]: c["hashes"][0]["content"] for _, c in cyclonedx_files(cyclonedx)}
        assert sums == others
        if name == "folder":
            assert sums == files, sorted(set(sums.items()) ^ set(files.items()))[:10]
        shown = {re.sub("^/usr/etc/", "/etc/", path): digest for path, digest in sums.items()}
        assert all(shown[path] == digest for path, digest in files.items() if path.startswith("/usr/bin/"))
        layers = [f.get("comment", "") for f in spdx["files"]]
        has_layers = name in ("image", "plain")
        assert all(re.fullmatch("layer: sha256:[0-9a-f]{64}", layer) if has_layers else layer == "" for layer in layers), name
        contained = [r["relatedSpdxElement"] for r in spdx["relationships"]
                     if r["relationshipType"] == "CONTAINS" and "-File-" in r["relatedSpdxElement"]]
        assert len(contained) == len(set(contained)) == len(found)


def check_layers(folder):
    """The image's layers have the files that the bill says: its tars are named by the same digests."""
    for name, place in (("image", "oci"), ("plain", "plain")):
        blobs = {p.name for p in (folder / place / "blobs" / "sha256").iterdir()}
        for file in load(folder, f"{name}--files.spdx")["files"]:
            assert file["comment"].removeprefix("layer: sha256:") in blobs


def check_verification_codes(folder):
    """SPDX 2.3, 7.9: the SHA-1 of the sorted SHA-1s of the package's files."""
    spdx = load(folder, "image--files.spdx")
    sums = {f["SPDXID"]: c["checksumValue"] for f in spdx["files"] for c in f["checksums"] if c["algorithm"] == "SHA1"}
    owned = {}
    for relationship in spdx["relationships"]:
        if relationship["relationshipType"] == "CONTAINS" and relationship["relatedSpdxElement"] in sums:
            owned.setdefault(relationship["spdxElementId"], []).append(sums[relationship["relatedSpdxElement"]])
    for package in spdx["packages"]:
        assert package["filesAnalyzed"] == (package["SPDXID"] in owned)
        if package["filesAnalyzed"]:
            code = hashlib.sha1("".join(sorted(owned[package["SPDXID"]])).encode()).hexdigest()
            assert package["packageVerificationCode"]["packageVerificationCodeValue"] == code


def check_identifiers(folder):
    identifiers = [load(folder, f"{n}{f}.spdx")["documentNamespace"] for n in NAMES for f in ("", "--files")]
    identifiers += [load(folder, f"{n}{f}.cyclonedx")["serialNumber"] for n in NAMES for f in ("", "--files")]
    assert len(set(identifiers)) == len(identifiers)


def main():
    folder, root = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    check_packages(folder, status_packages(root))
    check_files(folder, tree_files(root))
    check_layers(folder)
    check_verification_codes(folder)
    check_identifiers(folder)


if __name__ == "__main__":
    main()
