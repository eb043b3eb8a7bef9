// SPDX-License-Identifier: Apache-2.0

// A registry in memory with the Referrers API, and a client that lists the referrers of a manifest by that API or, where there is
// none, by the fallback tag: both of github.com/google/go-containerregistry.
//
//	referrers serve HOST:PORT [USER PASSWORD]
//	referrers list HOST:PORT/NAME@DIGEST
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// With a user, each request needs his password.
func protected(inner http.Handler, user, password string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gotUser, gotPassword, ok := r.BasicAuth()
		if !ok || gotUser != user || gotPassword != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="referrers"`)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

func serve(arguments []string) error {
	var handler http.Handler = registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(os.Stderr, "", 0)))
	if len(arguments) == 3 {
		handler = protected(handler, arguments[1], arguments[2])
	}
	return http.ListenAndServe(arguments[0], handler)
}

// A line for each: digest, artifact type, and the image that a delta starts from.
func list(text string) error {
	digest, err := name.NewDigest(text)
	if err != nil {
		return err
	}
	index, err := remote.Referrers(digest)
	if err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, entry := range manifest.Manifests {
		fmt.Println(entry.Digest, entry.ArtifactType, entry.Annotations["io.github.containers.delta.source"])
	}
	return nil
}

func main() {
	err := fmt.Errorf("usage: referrers serve HOST:PORT [USER PASSWORD] | list HOST:PORT/NAME@DIGEST")
	if len(os.Args) >= 3 && os.Args[1] == "serve" {
		err = serve(os.Args[2:])
	} else if len(os.Args) == 3 && os.Args[1] == "list" {
		err = list(os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "referrers:", err)
		os.Exit(1)
	}
}
