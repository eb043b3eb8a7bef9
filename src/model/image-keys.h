/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Every key of a label, an annotation or a commit's metadata that varve reads or writes. docs/image-format.md says what
 * each one holds. */

/* Metadata of a commit, and the labels that repeat it. */
#define VARVE_KEY_ARCHITECTURE "ostree.architecture"
#define VARVE_KEY_BOOTABLE "ostree.bootable"
#define VARVE_KEY_CONTAINER_CMD "ostree.container-cmd"
#define VARVE_KEY_GPG_SIGNATURES "ostree.gpgsigs" /* detached metadata */
#define VARVE_KEY_SIGNATURES_PREFIX "ostree.sign."
#define VARVE_KEY_INPUT_HASH "rpmostree.inputhash"
#define VARVE_KEY_LINUX "ostree.linux"
#define VARVE_KEY_VERSION "version"

/* Labels of an image's config. */
#define VARVE_LABEL_BOOTC "containers.bootc"
#define VARVE_LABEL_COMMIT "ostree.commit"
#define VARVE_LABEL_DEPLOYMENT "varve.deployment"
#define VARVE_LABEL_FINAL_DIFF_ID "ostree.final-diffid"
#define VARVE_LABEL_IMAGE_VERSION "org.opencontainers.image.version"

/* Annotations of a layer. */
#define VARVE_ANNOTATION_COMPONENTS "ostree.components"  /* atoms, joined by commas; rpm-ostree reads it too */
#define VARVE_ANNOTATION_CONTENT_KEY "varve.content-key" /* emit/content-key.h, as "sha256:…" */
#define VARVE_ANNOTATION_DIFF_ID "varve.diff-id"         /* so that a manifest alone is enough to reuse the layer */
/* Of a layer that is kept although its image does not need all of it: numbers, as text. An entry is stale where no path
 * of its object is shown from this layer. */
#define VARVE_ANNOTATION_STALE_OBJECTS "varve.stale-objects"
#define VARVE_ANNOTATION_STALE_BYTES "varve.stale-bytes"        /* of their contents */
#define VARVE_ANNOTATION_PROBABILITY "varve.change-probability" /* of changing, when it was written: "0.0312" */

/* Of a layer of zstd:chunked: where in its blob the table of contents and the tar-split data are. Sources: see
 * emit/chunked-index.h. */
#define VARVE_ANNOTATION_CHUNKED_TOC_DIGEST "io.github.containers.zstd-chunked.manifest-checksum"
#define VARVE_ANNOTATION_CHUNKED_TOC_POSITION "io.github.containers.zstd-chunked.manifest-position"
#define VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_POSITION "io.github.containers.zstd-chunked.tarsplit-position"
#define VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_DIGEST "io.github.containers.zstd-chunked.tarsplit-checksum" /* obsolete */

/* Label of an image that only holds layers for an upgrade: the digest of the manifest of the image that they are of. */
#define VARVE_LABEL_PREFETCH "varve.prefetch"

/* Annotations of a manifest. */
#define VARVE_ANNOTATION_LEDGER "varve.ledger" /* "1:" and base64 of the zstd frame of chunker/ledger-codec.h */
#define VARVE_ANNOTATION_COMMIT "varve.commit" /* of a plain image: the commit that it shows, in hexadecimal */
/* The images before it, newest first, as JSON: oci/predecessors.h. */
#define VARVE_ANNOTATION_PREDECESSORS "varve.predecessors"
#define VARVE_ANNOTATION_CREATED "org.opencontainers.image.created"

/* Annotations of an index's entries. */
#define VARVE_ANNOTATION_REF_NAME "org.opencontainers.image.ref.name"
#define VARVE_ANNOTATION_ZSTD "io.github.containers.compression.zstd"
/* Of what buildx stores beside an image, and the digest of that image: BuildKit,
 * docs/attestations/attestation-storage.md.
 */
#define VARVE_ANNOTATION_REFERENCE_TYPE "vnd.docker.reference.type"
#define VARVE_ANNOTATION_REFERENCE_DIGEST "vnd.docker.reference.digest"

/* Metadata of the commit that the importer of bootc and rpm-ostree makes of an image. */
#define VARVE_STORED_MANIFEST_DIGEST "ostree.manifest-digest"
#define VARVE_STORED_MANIFEST "ostree.manifest"
#define VARVE_STORED_CONFIG "ostree.container.image-config"
#define VARVE_STORED_CLIENT_LAYER "rpmostree.clientlayer"

/* Annotations of a delta: those of oci-delta version 1 (github.com/containers/oci-delta, README), then our own
 * (docs/delta-format.md). */
#define VARVE_DELTA_TARGET "io.github.containers.delta.target"
#define VARVE_DELTA_SOURCE "io.github.containers.delta.source"
#define VARVE_DELTA_SOURCE_CONFIG "io.github.containers.delta.source-config"
#define VARVE_DELTA_REUSED "io.github.containers.delta.reused"
#define VARVE_DELTA_REUSED_DIFF_ID "io.github.containers.delta.reused-diff-id"
#define VARVE_DELTA_CONTENT "io.github.containers.delta.content"
#define VARVE_DELTA_CONTENT_OWN_LAYER "varve.image-layer" /* our value of the former */
#define VARVE_DELTA_TO "io.github.containers.delta.to"
#define VARVE_DELTA_SOURCE_COMMIT "varve.delta.source-commit"
#define VARVE_DELTA_RAW_BYTES "varve.delta.raw-bytes" /* of the layer's tar */
/* The compression that gives the layer's very digest: "zstd;version=1.5.4;level=6". */
#define VARVE_DELTA_COMPRESSION "varve.delta.compression"
#define VARVE_DELTA_SECONDS "varve.delta.encode-seconds" /* CPU seconds of the recipes' encoders */
#define VARVE_DELTA_MEMORY "varve.delta.encode-memory"   /* bytes that these take at once */
/* Of a delta's manifest, and so of its entry in a list of referrers: what a client of varve downloads without this
 * manifest. The two above are there too, for the whole delta. */
#define VARVE_DELTA_DOWNLOAD "varve.delta.download-bytes"
#define VARVE_DELTA_COSTLIEST "varve.delta.costliest" /* JSON: [["usr/lib/…", bytes], …] */
