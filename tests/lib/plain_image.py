"""Ordinary images, layer by layer, as other tools write them: any form of tar, whiteouts, and whatever must be refused."""
import io
import pathlib
import tarfile

import oci_image


def member(name, content=b"", **properties):
    """A TarInfo with its content; a `target` makes a symlink, `link` a hard link, a name that ends in '/' a folder."""
    info = tarfile.TarInfo(name.rstrip("/") or ".")
    info.mode = 0o755 if name.endswith("/") else 0o644
    if name.endswith("/"):
        info.type = tarfile.DIRTYPE
    elif "target" in properties:
        info.type, info.linkname = tarfile.SYMTYPE, properties.pop("target")
    elif "link" in properties:
        info.type, info.linkname = tarfile.LNKTYPE, properties.pop("link")
    else:
        info.size = len(content)
    attributes = properties.pop("attributes", {})
    info.pax_headers = properties.pop("pax", {})
    for key, value in attributes.items():
        info.pax_headers[f"SCHILY.xattr.{key}"] = value.decode("utf-8", "surrogateescape")
    for key, value in properties.items():
        setattr(info, key, value)
    return info, content


def tar(members, form=tarfile.PAX_FORMAT, encoding="utf-8"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding=encoding, errors="surrogateescape") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def new_layout(layout):
    path = pathlib.Path(layout)
    (path / "blobs" / "sha256").mkdir(parents=True)
    (path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="ascii")
    return path


def put(path, data):
    digest = oci_image.digest_of(data)
    (path / "blobs" / "sha256" / digest.removeprefix("sha256:")).write_bytes(data)
    return {"digest": digest, "size": len(data)}


def write(layout, layers, config=None, ref="x"):
    """@layers: tars, or pairs of a tar and the suffix of its media type ("", "+gzip", "+zstd"), or with a blob as the third.
    @config: changes to the image's config."""
    path = new_layout(layout)
    descriptors, diff_ids = [], []
    for layer in layers:
        data, suffix, *blob = (layer, "+gzip") if isinstance(layer, bytes) else layer
        media_type = oci_image.LAYER + suffix
        descriptors.append({"mediaType": media_type} | put(path, blob[0] if blob else oci_image.compress(data, media_type)))
        diff_ids.append(oci_image.digest_of(data))
    document = {"architecture": "amd64", "os": "linux", "created": "2024-02-03T04:05:06.789Z", "config": {},
                "rootfs": {"type": "layers", "diff_ids": diff_ids}} | (config or {})
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": descriptors,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json"} | put(path, oci_image.canonical(document))}
    descriptor = {"mediaType": manifest["mediaType"], "annotations": {oci_image.REF_NAME: ref}} | put(path, oci_image.canonical(manifest))
    (path / "index.json").write_bytes(oci_image.canonical({"schemaVersion": 2, "manifests": [descriptor]}))
    return oci_image.Image(layout, ref)
