//! The projects that come with the program. Each one is a complete project file in `projects/`.

/// Name and text.
pub(super) const PROJECTS: [(&str, &str); 4] = [
    ("level1", include_str!("../../projects/level1.toml")),
    ("level2", include_str!("../../projects/level2.toml")),
    ("cue_reward", include_str!("../../projects/cue_reward.toml")),
    (
        "pattern_completion",
        include_str!("../../projects/pattern_completion.toml"),
    ),
];
