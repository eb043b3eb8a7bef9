// Applies a tar-diff by the library of github.com/containers/tar-diff: tar-patch DELTA OLD-TREE NEW-TAR.
package main

import (
	"log"
	"os"

	tarpatch "github.com/containers/tar-diff/pkg/tar-patch"
)

func main() {
	delta, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	tar, err := os.Create(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if err := tarpatch.Apply(delta, tarpatch.NewFilesystemDataSource(os.Args[2]), tar); err != nil {
		log.Fatal(err)
	}
	if err := tar.Close(); err != nil {
		log.Fatal(err)
	}
}
