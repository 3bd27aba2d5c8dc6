//! The program: the library's command line, with this repository's notebooks for its report.

#[path = "../analysis/list.rs"]
mod list;

fn main() -> std::process::ExitCode {
    homeostat::cli::main(list::NOTEBOOKS)
}
