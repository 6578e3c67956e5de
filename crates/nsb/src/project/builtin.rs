//! The projects that come with the program. Each one is a complete project file in `projects/`.

/// Name and text.
pub(super) const PROJECTS: [(&str, &str); 6] = [
    ("level1", include_str!("../../projects/level1.toml")),
    ("level2", include_str!("../../projects/level2.toml")),
    ("digits", include_str!("../../projects/digits.toml")),
    ("cue_reward", include_str!("../../projects/cue_reward.toml")),
    (
        "repeating_pattern",
        include_str!("../../projects/repeating_pattern.toml"),
    ),
    (
        "pattern_completion",
        include_str!("../../projects/pattern_completion.toml"),
    ),
];
