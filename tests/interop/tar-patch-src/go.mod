module varve/tests/interop/tar-patch

go 1.25

require github.com/containers/tar-diff v0.4.1-0.20260415123852-8e7a7e1030f7

require github.com/klauspost/compress v1.18.5 // indirect
