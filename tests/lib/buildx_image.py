#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make a layout as `docker buildx build --output type=oci,tar=false --provenance=true` writes one.

usage: tests/lib/buildx_image.py LAYOUT TEXT ARCHITECTURE… [--flat]    an image for each architecture, with a file that holds TEXT

Each image has an attestation, a manifest for the platform unknown/unknown. All are in an index under the ref `x`; with --flat they
are in index.json, without a name.
"""
import sys

import oci_image
from plain_image import member, new_layout, put, tar

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def put_manifest(path, config, layers):
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json"} | put(path, oci_image.canonical(config))}
    return {"mediaType": MANIFEST} | put(path, oci_image.canonical(document))


def image(path, text, architecture):
    data = tar([member("etc/"), member("etc/text", f"{text} {architecture}\n".encode()), member("usr/")])
    media_type = oci_image.LAYER + "+gzip"
    layer = {"mediaType": media_type} | put(path, oci_image.compress(data, media_type))
    config = {"architecture": architecture, "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": [oci_image.digest_of(data)]}}
    return put_manifest(path, config, [layer]) | {"platform": {"architecture": architecture, "os": "linux"}}


def attestation(path, subject):
    statement = oci_image.canonical({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
                                     "subject": [{"name": "x", "digest": {"sha256": subject["digest"].removeprefix("sha256:")}}]})
    layer = {"mediaType": "application/vnd.in-toto+json", "annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}}
    config = {"architecture": "unknown", "os": "unknown", "config": {},
              "rootfs": {"type": "layers", "diff_ids": [oci_image.digest_of(statement)]}}
    return put_manifest(path, config, [layer | put(path, statement)]) | {
        "annotations": {"vnd.docker.reference.digest": subject["digest"], "vnd.docker.reference.type": "attestation-manifest"},
        "platform": {"architecture": "unknown", "os": "unknown"}}


def main(layout, text, *architectures):
    path = new_layout(layout)
    images = [image(path, text, architecture) for architecture in architectures if architecture != "--flat"]
    entries = images + [attestation(path, entry) for entry in images]
    if "--flat" not in architectures:
        inner = oci_image.canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
        entries = [{"mediaType": INDEX, "annotations": {oci_image.REF_NAME: "x"}} | put(path, inner)]
    (path / "index.json").write_bytes(oci_image.canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))


if __name__ == "__main__":
    main(*sys.argv[1:])
