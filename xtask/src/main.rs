//! Demo, test, bench and tidy.
fn main() {}
