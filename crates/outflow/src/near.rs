//! Names that a mistyped one may have meant.

/// The candidate nearest to `name`, unless none is near.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.8).then_some(best.1)
}

/// `; did you mean …?`, or nothing.
pub fn suggestion<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_are_near_and_other_words_are_not() {
        let names = ["gold members", "newsletter"];
        assert_eq!(nearest("Gold Member", names.into_iter()), Some("gold members"));
        assert_eq!(nearest("newslettr", names.into_iter()), Some("newsletter"));
        assert_eq!(nearest("x", names.into_iter()), None);
    }
}
