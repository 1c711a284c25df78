//! Names that look like one that is not there.

/// The most names that are told.
const NEAR_MAX: usize = 3;

/// Those of `names` that look like `wanted`, whatever their case, the nearest first: three at most.
pub fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let (lower, apart_max) = (wanted.to_lowercase(), 1 + wanted.chars().count() / 3);
    let measured = names.map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name));
    let mut near: Vec<(usize, &str)> = measured.filter(|(apart, _)| *apart <= apart_max).collect();
    near.sort_unstable();
    near.truncate(NEAR_MAX);
    near.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_others_do_not() {
        let names = ["email", "emails", "mail", "ermine", "EMIAL", "age"];
        assert_eq!(near("emial", names.into_iter()), ["EMIAL", "email", "emails"]);
        assert!(near("x", ["email"].into_iter()).is_empty());
    }
}
