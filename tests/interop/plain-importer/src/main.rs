//! The importer of bootc and rpm-ostree as a program: `ostree_ext::cli` with our arguments.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ostree_ext::cli::run_from_iter(std::env::args_os()).await
}
