//! The documents are true: their commands run, their files are complete, the paths they name exist.
//!
//! In a document, a fenced block whose first line is `# NAME.toml` or `# NAME.model` is that file; the lines of a
//! `bash` block are executed in the same folder, in order; a block marked `bash fails` must be refused with code 2.

use std::path::Path;

use crate::sandbox::{Sandbox, repository};

const EXECUTED: [&str; 4] = [
    "README.md",
    "docs/tutorials/first-spikes.md",
    "docs/tutorials/one-model.md",
    "docs/tutorials/learning.md",
];

const PATHS_CHECKED: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];

const LINKS_CHECKED: [&str; 11] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/dev/decisions.md",
    "docs/tutorials/first-spikes.md",
    "docs/reference/command-line.md",
    "docs/reference/accuracy.md",
    "docs/reference/statistics.md",
    "docs/tutorials/one-model.md",
    "docs/tutorials/learning.md",
];

/// Commands of developers, which would build or test the workspace from within its own tests.
const NOT_EXECUTED: [&str; 5] = ["cargo xtask", "cargo install", "cargo fmt", "cargo test", "git "];

/// A fenced block: what follows the fence, and the lines.
struct Block {
    info: String,
    lines: Vec<String>,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in document.lines() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(info), None) => {
                open = Some(Block {
                    info: info.trim().to_string(),
                    lines: Vec::new(),
                })
            }
            (None, Some(mut block)) => {
                block.lines.push(line.to_string());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    blocks
}

fn document(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The file that a block is, if it is one.
fn file_name(block: &Block) -> Option<&str> {
    let name = block.lines.first()?.strip_prefix("# ")?;
    let ending = Path::new(name).extension()?.to_str()?;
    (["toml", "model"].contains(&ending) && !name.contains([' ', '/'])).then_some(name)
}

/// The shell lines of a block, with the program under its short name.
fn commands(block: &Block) -> Option<String> {
    let prompt = match block.info.split_whitespace().next() {
        Some("bash" | "sh") => "",
        Some("console") => "$ ",
        _ => return None,
    };
    let lines: Vec<String> = block
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix(prompt))
        .filter(|line| !NOT_EXECUTED.iter().any(|command| line.starts_with(command)))
        .map(|line| line.replace("cargo run --release -- ", "nsb "))
        .collect();
    assert!(
        !lines.iter().any(|line| line.contains("cargo ")),
        "cannot be executed here: {lines:?}"
    );
    Some(lines.join("\n"))
}

#[cfg(unix)]
#[test]
fn every_command_in_the_documents_does_what_they_say() {
    for path in EXECUTED {
        let sandbox = Sandbox::new();
        let mut executed = 0;
        for block in blocks(&document(path)) {
            if let Some(name) = file_name(&block) {
                sandbox.write(name, block.lines.join("\n") + "\n");
            }
            let Some(lines) = commands(&block) else { continue };
            let ended = sandbox.shell(&lines);
            let expected = if block.info.ends_with("fails") { 2 } else { 0 };
            assert_eq!(
                ended.code,
                Some(expected),
                "{path}:\n{lines}\n{}{}",
                ended.stdout,
                ended.stderr
            );
            executed += lines.lines().filter(|line| line.starts_with("nsb ")).count();
        }
        assert!(executed >= 5, "only {executed} commands were found in {path}");
    }
}

/// What stands between backquotes outside of fenced blocks.
fn inline_code(document: &str) -> Vec<&str> {
    document
        .split("```")
        .step_by(2)
        .flat_map(|prose| prose.lines())
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

/// Whether inline code is a path from the root of the repository.
fn is_path(code: &str) -> bool {
    let characters = code.chars().all(|c| c.is_ascii_alphanumeric() || "_-./<>".contains(c));
    let document = ["md", "toml"]
        .iter()
        .any(|ending| code.ends_with(&format!(".{ending}")))
        && !code.contains('<');
    characters && (code.contains('/') || document)
}

#[test]
fn every_path_that_the_developer_documents_name_exists() {
    for path in PATHS_CHECKED {
        let text = document(path);
        let named: Vec<&str> = inline_code(&text).into_iter().filter(|code| is_path(code)).collect();
        assert!(named.len() >= 10, "only {} paths were found in {path}", named.len());
        for name in named {
            // `models/neurons/<name>.model` stands for a file to be added: its folder exists.
            let known = name.split('<').next().unwrap();
            let known = if known == name {
                name
            } else {
                known.rsplit_once('/').map_or("", |(folder, _)| folder)
            };
            assert!(
                repository().join(known).exists(),
                "{path} names `{name}`, which does not exist"
            );
        }
    }
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    for path in LINKS_CHECKED {
        let text = document(path);
        let folder = repository().join(path).parent().unwrap().to_path_buf();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if !target.is_empty() && !target.starts_with("http") {
                assert!(
                    folder.join(target).exists(),
                    "{path} links to {target}, which does not exist"
                );
            }
        }
    }
}

#[test]
fn the_architecture_page_can_be_read_in_one_sitting() {
    let lines = document("ARCHITECTURE.md").lines().count();
    assert!(lines <= 300, "{lines} lines");
}

/// The reference page as the program would write it.
fn command_line_reference() -> String {
    let sandbox = Sandbox::new();
    let mut page = String::from(
        "# Command line\n\nThis page is what `--help` prints; a test keeps it so. To renew it:\n\
         `NSB_RENEW=1 cargo test -p nsb-cli command_line_reference`\n",
    );
    for (title, arguments) in [
        ("nsb", vec!["--help"]),
        ("nsb run", vec!["run", "--help"]),
        ("nsb check", vec!["check", "--help"]),
        ("nsb models", vec!["models", "--help"]),
        ("nsb fi", vec!["fi", "--help"]),
        ("nsb phase", vec!["phase", "--help"]),
        ("nsb plot", vec!["plot", "--help"]),
        ("nsb bench", vec!["bench", "--help"]),
    ] {
        page.push_str(&format!(
            "\n## {title}\n\n```text\n{}\n```\n",
            sandbox.nsb(arguments).success().trim_end()
        ));
    }
    page
}

#[test]
fn the_command_line_reference_is_what_help_prints() {
    let path = repository().join("docs/reference/command-line.md");
    let page = command_line_reference();
    if std::env::var_os("NSB_RENEW").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == page,
        "docs/reference/command-line.md is stale; it tells how to renew it"
    );
}
