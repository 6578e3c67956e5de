//! "Did you mean": the known word nearest to a mistyped one.

/// Longer words are not compared; nobody means them.
const LONGEST: usize = 64;

/// The candidate most like `word`, or nothing if none is close enough to be what was meant.
///
/// Fewest slips win (a character missing, added, wrong, or swapped with its neighbour), upper and lower case counting
/// only between words that are otherwise equally near. One slip is forgiven in up to five characters, two in eight,
/// and so on. Of equally near candidates the first one wins. A word that is itself a candidate is returned.
///
/// ```
/// assert_eq!(nsb_lang::suggest::nearest("treshold", ["threshold", "reset"]), Some("threshold"));
/// assert_eq!(nsb_lang::suggest::nearest("banana", ["threshold", "reset"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.chars().count() > LONGEST {
        return None;
    }
    let (wanted, wanted_lower) = (letters(word), letters(&word.to_lowercase()));
    let limit = wanted.len().max(3) / 3;
    let mut best: Option<((usize, usize), &str)> = None;
    for candidate in candidates {
        if candidate == word {
            return Some(candidate);
        }
        let lower = letters(&candidate.to_lowercase());
        if lower.len().abs_diff(wanted_lower.len()) > limit {
            continue;
        }
        let ignoring_case = slips(&wanted_lower, &lower);
        // A distance as large as the word means that nothing of it is left.
        if ignoring_case > limit || ignoring_case >= wanted.len() {
            continue;
        }
        let distance = (ignoring_case, slips(&wanted, &letters(candidate)));
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Number of slips between two words (optimal string alignment distance).
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_slips_come_before_other_slips() {
        assert_eq!(nearest("g_na", ["g_nb", "g_Na"]), Some("g_Na"));
        assert_eq!(nearest("mvv", ["mS", "mV"]), Some("mV"));
    }

    #[test]
    fn a_swapped_pair_counts_as_one_slip() {
        assert_eq!(slips(&letters("rsete"), &letters("reset")), 2);
        assert_eq!(slips(&letters("reste"), &letters("reset")), 1);
        assert_eq!(slips(&letters(""), &letters("abc")), 3);
    }

    #[test]
    fn the_first_of_equally_near_words_wins() {
        assert_eq!(nearest("popa", ["pops", "popb"]), Some("pops"));
    }

    #[test]
    fn a_word_with_nothing_in_common_gives_no_suggestion() {
        assert_eq!(nearest("x", ["y", "z"]), None);
        assert_eq!(nearest("", ["y"]), None);
        assert_eq!(nearest(&"x".repeat(100_000), ["y"]), None);
    }
}
