// SPDX-License-Identifier: Apache-2.0

// Pulls an image as podman does, with the libraries of podman: partial-pull SOURCE TARGET, each as containers-transports(5)
// has them. What storage it pulls into says CONTAINERS_STORAGE_CONF.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/containers/image/v5/copy"
	"github.com/containers/image/v5/signature"
	"github.com/containers/image/v5/transports/alltransports"
	"github.com/containers/image/v5/types"
	"github.com/containers/storage/pkg/reexec"
)

func pull(from, to string) error {
	accept := signature.NewPRInsecureAcceptAnything()
	policy, err := signature.NewPolicyContext(&signature.Policy{Default: []signature.PolicyRequirement{accept}})
	if err != nil {
		return err
	}
	source, err := alltransports.ParseImageName(from)
	if err != nil {
		return err
	}
	target, err := alltransports.ParseImageName(to)
	if err != nil {
		return err
	}
	_, err = copy.Image(context.Background(), policy, target, source, &copy.Options{
		SourceCtx: &types.SystemContext{DockerInsecureSkipTLSVerify: types.OptionalBoolTrue},
	})
	return err
}

func main() {
	if reexec.Init() {
		return
	}
	if err := pull(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
