//! The projects that come with the program. Each one is a complete project file in `projects/`.

/// Name and text.
pub(super) const PROJECTS: [(&str, &str); 2] = [
    ("level1", include_str!("../../projects/level1.toml")),
    ("level2", include_str!("../../projects/level2.toml")),
];
